"""Walks a table of any size in short statements: no cursor is kept open, and no filter makes a step long."""

from collections.abc import Iterator

from tasks.querysets import TaskQuerySet


def steps(tasks: TaskQuerySet, size: int) -> Iterator[TaskQuerySet]:
    """The tasks in the order of their ids, as querysets of `size` neighbours each and of the rest.

    `tasks` is all of them or one user's, so that an index has them in this order. Any other filter belongs on the
    steps: on the whole it could make one statement read the whole table for its first match.
    """
    rest = tasks.order_by("id")
    while boundary := rest.values_list("id", flat=True)[size - 1 : size]:
        yield rest.filter(id__lte=boundary[0])
        rest = tasks.order_by("id").filter(id__gt=boundary[0])
    yield rest
