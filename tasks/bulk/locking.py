"""Locks many tasks at once: each owner's by a statement of its own, which one server of a cluster can answer."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tasks.models import Task
from todo_project.database.statements import Row

if TYPE_CHECKING:
    from django.db.models import QuerySet


def locked_rows(tasks: "QuerySet[Task]") -> Iterator[Row]:
    """The tasks as they are once they are locked, until the transaction ends. Those that are gone by then are left out.

    All lock in this order, of owners and then of ids, so that two cannot wait for each other.
    """
    pairs = sorted(tasks.order_by().values_list("user_id", "id"))
    for user_id, owned in groupby(pairs, key=lambda pair: pair[0]):
        yield from Task.objects.for_user(user_id).lock_rows([task_id for _, task_id in owned])
