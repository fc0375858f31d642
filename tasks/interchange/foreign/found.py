"""What the reader of another program's file finds in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from todo_project.api.problems import Invalid


class Note(NamedTuple):
    """Something of a task that has no place here, such as a due date, and in words what it is."""

    kind: str
    text: str


class LeftOut(NamedTuple):
    """Something in the file that is not a task, such as an event."""

    kind: str


@dataclass
class ForeignTask:
    """`key` is what the program knows the task by, or what the task says where the program has no such thing.

    `id` and `user_id` are there where the task comes from an export of this service.
    """

    key: tuple[str, ...]
    title: str
    description: str | None = None
    is_completed: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    has_unique_key: bool = True
    id: UUID | None = None
    user_id: str | None = None

    def note(self, kind: str, text: str | None) -> None:
        """Adds a note, if there is anything to say."""
        if text:
            self.notes.append(Note(kind, text))


# Each with its number in the file: that of its line, or its place among the tasks.
Found = Iterator[tuple[int, ForeignTask | LeftOut | Invalid]]
