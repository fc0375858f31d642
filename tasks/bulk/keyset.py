"""Walks a table of any size in short statements. No cursor stays open, and no filter makes a step long."""

from collections.abc import Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])
LAST_UUID = UUID(int=2**128 - 1)


def steps(rows: Rows, size: int) -> Iterator[Rows]:
    """The rows in the order of their ids, as querysets of `size` rows each. The last one has the rest.

    `rows` is a whole table, or a part that an index has in this order, such as one user's tasks. Put any other filter
    on the steps. On `rows` it could make one statement read the whole table for its first match.
    """
    rest = rows.order_by("id")
    before = boundary = last_of_next(rest, size)
    while boundary is not None:
        yield rest.filter(id__lte=boundary)
        rest = rows.order_by("id").filter(id__gt=boundary)
        before, boundary = boundary, last_of_next(rest, size, up_to=ahead(before, boundary))
    yield rest


def last_of_next(rest: "QuerySet[Any]", size: int, up_to: Any = None) -> Any:
    """The id of the last of the next `size` rows, None where there are fewer. It is sought below `up_to` first.

    Without that bound each shard of a distributed table would send `size` ids.
    """
    for part in [rest] if up_to is None else [rest.filter(id__lte=up_to), rest]:
        if found := part.values_list("id", flat=True)[size - 1 : size]:
            return found[0]
    return None


def ahead(before: Any, boundary: Any) -> Any:
    """Twice as far behind the boundary as the last step went. None after the first step, whose start is not known."""
    if before == boundary:
        return None
    if isinstance(boundary, UUID):
        return UUID(int=min(boundary.int + 2 * (boundary.int - before.int), LAST_UUID.int))
    return boundary + 2 * (boundary - before)
