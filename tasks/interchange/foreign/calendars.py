"""Calendars (RFC 5545): the VTODOs of Nextcloud, Apple, Thunderbird, Tasks.org and others, and of our own export.

A calendar may be of any size, so it is read a component at a time: what is not a task is counted and forgotten.
"""

from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings

from tasks.interchange.foreign.found import Found, LeftOut
from tasks.interchange.foreign.vtodos import Vtodo
from tasks.interchange.lines import UnreadableError, lines, unreadable

# A property is cut here. Attachments may stand in the file as a whole, and nothing is read of them but their number.
MOST_OCTETS, MOST_ATTACHED_OCTETS = settings.MAX_BODY_BYTES, 200
MOST_PROPERTIES = 1_000
OTHERS = {b"VEVENT": "event", b"VJOURNAL": "journal entry", b"VFREEBUSY": "busy time"}


def read(file: BinaryIO) -> Found:
    """Raises UnreadableError for a file that is not a calendar."""
    reader = CalendarReader()
    for number, line in unfolded(file):
        yield from reader.take(number, line)
    yield from reader.end()


def unfolded(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The content lines. A line that starts with a blank goes on with the line before, even inside a character."""
    start, parts, size = 0, [b""], 0
    for number, line in lines(file):
        line = line.rstrip(b"\r\n")
        if line[:1] in (b" ", b"\t"):
            limit = MOST_ATTACHED_OCTETS if parts[0][:6].upper() == b"ATTACH" else MOST_OCTETS
            part = line[1 : 1 + max(limit - size, 0)]
            parts += [part] if part else []
            size += len(part)
        else:
            yield start, b"".join(parts)
            start, parts, size = number, [line], len(line)
    yield start, b"".join(parts)


class CalendarReader:
    """`depth` is how many components deep a line is in a task, or in something else."""

    def __init__(self) -> None:
        self.todo: Vtodo | None = None
        self.depth = 0
        self.is_calendar = False
        # The titles of tasks by the hashes of their UIDs, for the words on their subtasks.
        self.titles: dict[int, str] = {}

    def take(self, number: int, line: bytes) -> Found:
        keyword, _, name = line[:100].upper().partition(b":")
        if keyword == b"BEGIN":
            yield from self.begin(number, name.strip())
        elif keyword == b"END":
            yield from self.end_component(name.strip())
        elif self.todo and not self.depth and line and self.todo.size <= MOST_PROPERTIES:
            self.todo.add(line)

    def begin(self, number: int, name: bytes) -> Found:
        if name in (b"VCALENDAR", b"VTODO"):
            self.is_calendar = True
            yield from self.cut_short()
            self.depth = 0
            self.todo = Vtodo(number) if name == b"VTODO" else None
            return
        if self.todo and not self.depth and name == b"VALARM":
            self.todo.reminders += 1
        elif not self.todo and not self.depth and name in OTHERS:
            yield number, LeftOut(OTHERS[name])
        self.depth += 1

    def end_component(self, name: bytes) -> Found:
        if name == b"VTODO" and self.todo:
            todo, self.todo, self.depth = self.todo, None, 0
            if todo.size > MOST_PROPERTIES:
                yield todo.number, unreadable(f"The task has more than {MOST_PROPERTIES:,} properties")
            else:
                yield todo.number, todo.task(self.titles)
        elif name != b"VCALENDAR":
            self.depth = max(self.depth - 1, 0)

    def cut_short(self) -> Found:
        if self.todo:
            yield self.todo.number, unreadable("The task has no END:VTODO")
        self.todo = None

    def end(self) -> Found:
        yield from self.cut_short()
        if not self.is_calendar:
            raise UnreadableError("The file is not a calendar: it has no BEGIN:VCALENDAR")
