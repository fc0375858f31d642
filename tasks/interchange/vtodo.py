"""iCalendar (RFC 5545): one VTODO a task, for calendars and to-do lists. It is written, not read."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from todo_project.database.statements import Row

HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Backend Task Service//Export//EN\r\n"
TAIL = b"END:VCALENDAR\r\n"
LINE_OCTETS = 75
ESCAPES = {"\\": r"\\", ";": r"\;", ",": r"\,", "\r\n": r"\n", "\r": r"\n", "\n": r"\n"}
ESCAPED = re.compile(r"\r\n|[\\;,\r\n]")
# RFC 5545 allows none of these in a text, escaped or not.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def write(batches: Iterable[list[Row]]) -> Iterator[bytes]:
    yield HEAD
    for batch in batches:
        yield b"".join(map(vtodo, batch))
    yield TAIL


def vtodo(row: Row) -> bytes:
    """A task's COMPLETED time is left out: the service does not know when it was completed."""
    properties = [
        "BEGIN:VTODO",
        f"UID:{row['id']}",
        f"DTSTAMP:{utc(row['updated_at'])}",
        f"CREATED:{utc(row['created_at'])}",
        f"LAST-MODIFIED:{utc(row['updated_at'])}",
        f"SUMMARY:{text(row['title'])}",
        *([f"DESCRIPTION:{text(row['description'])}"] if row["description"] else []),
        f"STATUS:{'COMPLETED' if row['is_completed'] else 'NEEDS-ACTION'}",
        f"X-USER-ID:{text(row['user_id'])}",
        "END:VTODO",
    ]
    return b"".join(map(content_line, properties))


def utc(time: datetime) -> str:
    # Not strftime, which writes the year 1 as "1".
    return f"{time.isoformat(timespec='seconds').replace('-', '').replace(':', '')[:15]}Z"


def text(value: str) -> str:
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", ESCAPED.sub(lambda match: ESCAPES[match[0]], value))


def content_line(line: str) -> bytes:
    """The line folded to 75 octets, never inside a character."""
    rest = line.encode()
    folded = []
    limit = LINE_OCTETS
    while len(rest) > limit:
        end = limit
        while rest[end] & 0xC0 == 0x80:
            end -= 1
        folded.append(rest[:end])
        rest = rest[end:]
        limit = LINE_OCTETS - 1  # a continuation starts with a blank
    return b"\r\n ".join([*folded, rest]) + b"\r\n"
