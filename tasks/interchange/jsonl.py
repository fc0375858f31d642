"""JSON Lines: one task a line, with the members and the bytes of the API's answers."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from django.conf import settings

from tasks.interchange.lines import Record, UnreadableError, lines, unreadable
from tasks.interchange.tables import names_columns
from todo_project.api.parsers import loads
from todo_project.api.problems import Invalid
from todo_project.api.renderers import dumps
from todo_project.database.statements import Row

# With the Ctrl-Z that Windows puts at the end of files that its `copy` puts together.
BLANKS = b" \t\r\n\x1a"


def write(batches: Iterable[list[Row]]) -> Iterator[bytes]:
    for batch in batches:
        yield b"".join(dumps(row) + b"\n" for row in batch)


def read(file: BinaryIO) -> Iterator[Record]:
    """Raises UnreadableError for CSV, and for JSON with a task on several lines."""
    numbered = lines(file)
    first = list(islice(((number, line) for number, line in numbered if line.strip(BLANKS)), 2))
    refuse_other_formats([line for _, line in first])
    for number, line in chain(first, numbered):
        if len(line) > settings.MAX_BODY_BYTES:
            yield number, unreadable(f"The line is longer than {settings.MAX_BODY_BYTES} bytes")
        elif line.strip(BLANKS):
            yield number, members(line)


def refuse_other_formats(first: Sequence[bytes]) -> None:
    """`first` is the first two lines with a content."""
    opening = [line.strip() for line in first]
    if opening[:1] == [b"{"] and opening[1:] and opening[1].startswith(b'"'):
        raise UnreadableError(
            "The file's JSON takes several lines for a task: write one line for each, as jq -c . does"
        )
    if opening and not opening[0].startswith(b"{") and names_columns(opening[0].decode(errors="replace")):
        raise UnreadableError("The file holds a table, not JSON Lines: write it as CSV and add --format csv")


def members(line: bytes) -> Any:
    try:
        return loads(line)
    except Invalid as invalid:
        return invalid
