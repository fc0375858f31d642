"""What a write depends on: the time of a task's last change, or a key that a client chose for a new task."""

from datetime import datetime, timedelta
from typing import NamedTuple

from todo_project.database.statements import Row

MICROSECOND = timedelta(microseconds=1)


class Condition(NamedTuple):
    """On a task's updated_at: it must be `among` some times, and none of those that it must be `besides`."""

    among: tuple[datetime, ...] | None = None
    besides: tuple[datetime, ...] | None = None

    def values(self) -> dict[str, list[datetime]]:
        return {name: list(times) for name, times in self._asdict().items() if times is not None}

    def explains(self, updated_at: datetime, now: datetime) -> bool:
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


class Key(NamedTuple):
    """An idempotency key, and the digest of the body that came with it."""

    name: str
    digest: str

    def columns(self, number: int) -> Row:
        """Those of the task with that number in the body. A space is in no client's key."""
        name = f"{self.name} {number}" if number else self.name
        return {"idempotency_key": name, "idempotency_digest": self.digest}


class KeyIsTakenError(Exception):
    """The key belongs to a task that was made of another body."""
