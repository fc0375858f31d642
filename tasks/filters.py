"""What may be asked of tasks: the filters and the orders, for the list, the bulk writes and the export alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateTimeField, Field, Q, TextField, UUIDField

from tasks.words import HasWords, searched
from todo_project.database.lists import ListField
from todo_project.database.statements import Parameter

Filters = Mapping[str, Any]
NO_FILTERS: Filters = MappingProxyType({})


@dataclass(frozen=True)
class Filter:
    """`prepare` turns what was asked for into a value. `condition` takes that value, or the parameter in its place."""

    type: "Field[Any, Any]"
    condition: Callable[[Any], Any]
    prepare: Callable[[Any, BaseDatabaseWrapper], Any] = lambda value, connection: value


def comparison(field: "Field[Any, Any]", lookup: str) -> Filter:
    return Filter(field, lambda value: Q(**{lookup: value}))


FILTERS = {
    "is_completed": comparison(BooleanField(), "is_completed"),
    "q": Filter(ListField(TextField()), lambda value: HasWords("title", "description", value), searched),
    "created_after": comparison(DateTimeField(), "created_at__gt"),
    "created_before": comparison(DateTimeField(), "created_at__lt"),
    "updated_after": comparison(DateTimeField(), "updated_at__gt"),
    "updated_before": comparison(DateTimeField(), "updated_at__lt"),
}


def prepared(filters: Filters, using: str) -> dict[str, Any]:
    """The filters in the order of FILTERS, so that each combination is one statement, with values for that database."""
    return {name: FILTERS[name].prepare(filters[name], connections[using]) for name in FILTERS if name in filters}


def parameter_conditions(names: tuple[str, ...]) -> list[Any]:
    return [FILTERS[name].condition(Parameter(name, FILTERS[name].type)) for name in names]


class Position(NamedTuple):
    """A task's place in every order. A list goes on behind it, wherever the task is by then."""

    updated_at: datetime
    id: UUID


FIRST = Position(datetime.min.replace(tzinfo=UTC), UUID(int=0))
LAST = Position(datetime.max.replace(tzinfo=UTC), UUID(int=(1 << 128) - 1))


class ByCreation:
    """The order of ids, which a range of ids continues: two ends, of which a position moves one."""

    def __init__(self, *, descending: bool = False) -> None:
        self.descending = descending
        self.fields = ("-id",) if descending else ("id",)
        # Of a range with two ends PostgreSQL expects few rows, and reads them in the index's order. By an average
        # user's number of rows it may collect and sort them, and a long list takes half as long again.
        self.behind = Q(id__gte=Parameter("first", UUIDField()), id__lte=Parameter("last", UUIDField()))

    def values(self, after: Position | None) -> dict[str, Any]:
        """What `behind` needs to continue behind the position; from the start without one."""
        if after is None:
            return {"first": FIRST.id, "last": LAST.id}
        if after.id == (FIRST if self.descending else LAST).id:
            # Nothing is behind the last id. A range whose ends are the wrong way round is empty.
            return {"first": LAST.id, "last": FIRST.id}
        if self.descending:
            return {"first": FIRST.id, "last": UUID(int=after.id.int - 1)}
        return {"first": UUID(int=after.id.int + 1), "last": LAST.id}


class ByUpdate:
    """The order of updated_at, and of ids where it is the same. It reads all of the user's tasks: no index has it."""

    def __init__(self, *, descending: bool = False) -> None:
        self.descending = descending
        self.fields = ("-updated_at", "-id") if descending else ("updated_at", "id")
        further = "lt" if descending else "gt"
        time, task_id = Parameter("time", DateTimeField()), Parameter("id", UUIDField())
        self.behind = Q(**{f"updated_at__{further}e": time}) & (
            Q(**{f"updated_at__{further}": time}) | Q(**{f"id__{further}": task_id})
        )

    def values(self, after: Position | None) -> dict[str, Any]:
        after = after or (LAST if self.descending else FIRST)
        return {"time": after.updated_at, "id": after.id}


DEFAULT_SORT = "created_at"
SORTS: dict[str, ByCreation | ByUpdate] = {
    DEFAULT_SORT: ByCreation(),
    "-created_at": ByCreation(descending=True),
    "updated_at": ByUpdate(),
    "-updated_at": ByUpdate(descending=True),
}
