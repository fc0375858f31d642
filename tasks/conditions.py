"""The condition of a write: a task's entity tag is its `updated_at`, as the JSON has it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from todo_project.api.conditions import IF_MATCH, IF_NONE_MATCH, Tags, entity_tag
from todo_project.api.times import MICROSECOND, parse_moment
from todo_project.database.statements import Row


class Condition(NamedTuple):
    """On a task's updated_at: it must be `among` some times, and none of those that it must be `besides`."""

    among: tuple[datetime, ...] | None = None
    besides: tuple[datetime, ...] | None = None

    def values(self) -> dict[str, list[datetime]]:
        return {name: list(times) for name, times in zip(self._fields, self, strict=True) if times is not None}

    def is_met_by(self, updated_at: datetime) -> bool:
        return (self.among is None or updated_at in self.among) and updated_at not in (self.besides or ())

    def may_have_set(self, updated_at: datetime, now: datetime) -> bool:
        """Whether a write under this condition, made at `now`, sets that time: now, or where the clock is behind the
        last change a microsecond after that."""
        return updated_at == now or any(updated_at - time == MICROSECOND for time in self.among or ())


UNCONDITIONAL = Condition()


class TaskHasChangedError(Exception):
    """The condition of a write does not hold for `row`, the task as it is.

    Where the statement was sent twice, the reason may be that it was done the first time.
    """

    def __init__(self, row: Row, *, was_sent_twice: bool) -> None:
        super().__init__("The task has changed")
        self.row = row
        self.was_sent_twice = was_sent_twice


def condition_of(headers: Mapping[str, Tags]) -> Condition:
    """The condition of a write. Tags that no task can have are left out. Where none remain, no task meets it."""
    if not headers:
        return UNCONDITIONAL
    match, none_match = headers.get(IF_MATCH), headers.get(IF_NONE_MATCH)
    if none_match and none_match.is_any:
        return Condition(among=())
    among = times_of(match.strong) if match and not match.is_any else None
    besides = times_of(none_match.without_proxy_suffixes()) if none_match else None
    return Condition(among, besides or None)


def times_of(tags: Iterable[str]) -> tuple[datetime, ...]:
    """The times in the tags. Tags are compared as text: a time in another spelling is left out."""
    times = [(tag, parse_moment(tag[1:-1])) for tag in tags]
    return tuple(time for tag, time in times if time and entity_tag(time) == tag)
