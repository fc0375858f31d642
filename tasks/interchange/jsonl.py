"""JSON Lines: one task a line, with the members and the bytes of the API's answers."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.conf import settings

from tasks.interchange.lines import Record, lines, unreadable
from todo_project.api.parsers import loads
from todo_project.api.problems import Invalid
from todo_project.api.renderers import dumps
from todo_project.database.statements import Row


def write(batches: Iterable[list[Row]]) -> Iterator[bytes]:
    for batch in batches:
        yield b"".join(dumps(row) + b"\n" for row in batch)


def read(file: BinaryIO) -> Iterator[Record]:
    for number, line in lines(file):
        if len(line) > settings.MAX_BODY_BYTES:
            yield number, unreadable(f"The line is longer than {settings.MAX_BODY_BYTES} bytes")
        elif not line.isspace():
            yield number, members(line)


def members(line: bytes) -> Any:
    try:
        return loads(line)
    except Invalid as invalid:
        return invalid
