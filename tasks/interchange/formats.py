"""The formats by their names: those of this service, and the programs whose exports are read."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from tasks.interchange import arrays, jsonl, spreadsheet, vtodo
from tasks.interchange.foreign import calendars, google, microsoft, todoist, vikunja
from tasks.interchange.foreign.found import Found
from tasks.interchange.lines import Record
from todo_project.database.statements import Row

WRITERS: dict[str, Callable[[Iterable[list[Row]]], Iterator[bytes]]] = {
    "jsonl": jsonl.write,
    "csv": spreadsheet.write,
    "ics": vtodo.write,
}
READERS: dict[str, Callable[[BinaryIO], Iterator[Record]]] = {
    "jsonl": jsonl.read,
    "json": arrays.read,
    "csv": spreadsheet.read,
}


class Program(NamedTuple):
    """`unit` is what the numbers of its tasks count."""

    read: Callable[[BinaryIO], Found]
    name: str
    unit: str = "task"
    has_owners: bool = False


PROGRAMS = {
    # Ours has owners. Others are found out when they are read.
    "ics": Program(calendars.read, "a calendar", "line", has_owners=True),
    "google": Program(google.read, "Google Tasks"),
    "microsoft": Program(microsoft.read, "Microsoft To Do"),
    "todoist": Program(todoist.read, "Todoist", "line"),
    "vikunja": Program(vikunja.read, "Vikunja"),
}
