"""Walks a table of any size in short statements. No cursor stays open, and no filter makes a step long."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])


def steps(rows: Rows, size: int) -> Iterator[Rows]:
    """The rows in the order of their ids, as querysets of `size` rows each. The last one has the rest.

    `rows` is a whole table, or a part that an index has in this order, such as one user's tasks. Put any other filter
    on the steps. On `rows` it could make one statement read the whole table for its first match.
    """
    rest = rows.order_by("id")
    while boundary := rest.values_list("id", flat=True)[size - 1 : size]:
        yield rest.filter(id__lte=boundary[0])
        rest = rows.order_by("id").filter(id__gt=boundary[0])
    yield rest
