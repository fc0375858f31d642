from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

# PostgreSQL walks this many entries of an index in 5 ms. The pages end at this task too.
COUNT_LIMIT = 10_000


class AtLeast(int):
    """A count that stopped at its limit."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # why: generic in the stubs alone
    """Counts to COUNT_LIMIT. A longer list then shows that many tasks."""

    object_list: "QuerySet[Any]"

    @cached_property
    def count(self) -> int:
        count = self.object_list[: COUNT_LIMIT + 1].count()
        return count if count <= COUNT_LIMIT else AtLeast(COUNT_LIMIT)
