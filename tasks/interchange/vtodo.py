"""iCalendar (RFC 5545): one VTODO a task, for calendars and to-do lists, through the library `icalendar`."""

import re
from collections.abc import Iterable, Iterator

from icalendar import Calendar, Todo, vText

from todo_project.database.statements import Row

TAIL = b"END:VCALENDAR\r\n"
# RFC 5545 allows none of these in a text, escaped or not.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LINE_END = re.compile(r"\r\n?")


class EmptyCalendarError(ValueError):
    """RFC 5545 wants one component at the least in a calendar."""


def write(batches: Iterable[list[Row]]) -> Iterator[bytes]:
    """One task at a time, so that a calendar of any size takes no more memory. Raises EmptyCalendarError."""
    is_empty = True
    for batch in batches:
        if batch and is_empty:
            is_empty = False
            yield head()
        yield b"".join(map(vtodo, batch))
    if is_empty:
        raise EmptyCalendarError
    yield TAIL


def head() -> bytes:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Backend Task Service//Export//EN")
    return bytes(calendar.to_ical()).removesuffix(TAIL)


def vtodo(row: Row) -> bytes:
    """A task's COMPLETED time is left out: the service does not know when it was completed."""
    todo = Todo()
    todo.add("UID", str(row["id"]))
    todo.add("DTSTAMP", row["updated_at"])
    todo.add("CREATED", row["created_at"])
    todo.add("LAST-MODIFIED", row["updated_at"])
    todo.add("SUMMARY", text(row["title"]))
    if row["description"] is not None:
        todo.add("DESCRIPTION", text(row["description"]))
    todo.add("STATUS", "COMPLETED" if row["is_completed"] else "NEEDS-ACTION")
    if row["is_completed"]:
        todo.add("PERCENT-COMPLETE", 100)
    # Without its type, ical.js would leave the escapes in it.
    todo.add("X-USER-ID", text(row["user_id"]), {"VALUE": "TEXT"})
    return bytes(todo.to_ical(sorted=False))


def text(value: str) -> vText:
    return vText(CONTROL.sub("\N{REPLACEMENT CHARACTER}", LINE_END.sub("\n", value)))
