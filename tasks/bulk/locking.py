"""Locks many tasks at once: each owner's in a statement of its own, which one server of a cluster can answer."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Q

from tasks.models import Task

if TYPE_CHECKING:
    from django.db.models import QuerySet


def locked(tasks: "QuerySet[Task]", still: Q | None = None) -> Iterator["QuerySet[Task]"]:
    """The tasks, a queryset for each owner. Reading it locks them until the transaction ends.

    Those that are gone by then, or are not `still` so, are left out. All lock in this order, of owners and then of ids,
    so that two cannot wait for each other.
    """
    pairs = sorted(tasks.order_by().values_list("user_id", "id"))
    for user_id, owned in groupby(pairs, key=lambda pair: pair[0]):
        of_owner = Task.objects.filter(still or Q(), user_id=user_id, id__in=[task_id for _, task_id in owned])
        yield of_owner.order_by("id").select_for_update()
