"""The formats by their names, and by the suffixes of files."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from tasks.interchange import jsonl, spreadsheet, vtodo
from tasks.interchange.lines import Record
from todo_project.database.statements import Row

WRITERS: dict[str, Callable[[Iterable[list[Row]]], Iterator[bytes]]] = {
    "jsonl": jsonl.write,
    "csv": spreadsheet.write,
    "ics": vtodo.write,
}
READERS: dict[str, Callable[[BinaryIO], Iterator[Record]]] = {"jsonl": jsonl.read, "csv": spreadsheet.read}
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".ics": "ics"}


def format_by_suffix(name: str) -> str | None:
    """jsonl for tasks.jsonl and for tasks.jsonl.gz; None for an unknown suffix."""
    return SUFFIXES.get(Path(name.lower().removesuffix(".gz")).suffix)
