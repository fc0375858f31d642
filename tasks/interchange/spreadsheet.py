"""CSV (RFC 4180) that spreadsheets open as text and never execute, and that reads back exactly.

It starts with a byte order mark, by which Excel knows UTF-8. An empty cell is null; the empty text is one apostrophe.
A spreadsheet takes a cell that starts with one of `=+-@` for a formula. An apostrophe before the character prevents
that. It goes to the start of the text, and also behind each comma, semicolon, tab, quote and line end in it: in
countries where a semicolon separates cells, Excel splits the text there in spite of the quotes. Apostrophes that stand
there already get one more, so that reading always takes exactly one away.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from tasks.interchange.lines import Record, UnreadableError, lines, unreadable
from tasks.statements import FIELDS
from todo_project.database.statements import Row

CELL_START = r"(?:^|(?<=[,;\t\r\n\"]))"
# The full-width ones too: East Asian editions of Excel read them as the others.
FORMULA = r"(?=[=+\-@＝＋－＠])"  # noqa: RUF001 -- these characters are meant
UNPROTECTED = re.compile(rf"{CELL_START}('*){FORMULA}")
PROTECTED = re.compile(rf"{CELL_START}'('*){FORMULA}")
TEXTS = ("user_id", "title", "description")
BOOLEANS = {"true": True, "false": False}


def write(batches: Iterable[list[Row]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8 + csv_lines([FIELDS])
    for batch in batches:
        yield csv_lines([cells(row) for row in batch])


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def cells(row: Row) -> list[Any]:
    return [cell(row[name]) for name in FIELDS]


def cell(value: Any) -> Any:
    if isinstance(value, str):
        return protect(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def protect(text: str) -> str:
    return UNPROTECTED.sub(r"\1'", text) if text.strip("'") else text + "'"


def unprotect(text: str) -> str:
    return PROTECTED.sub(r"\1", text) if text.strip("'") else text[:-1]


def read(file: BinaryIO) -> Iterator[Record]:
    """Raises UnreadableError for a file without a header."""
    reader = csv.reader(decoded(file), strict=True)
    try:
        header = next(reader, [])
    except csv.Error:
        header = []
    if "title" not in header:
        raise UnreadableError(f"The first line must name the columns, separated by commas: {','.join(FIELDS)}")
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            taken = f"; it takes the lines up to {reader.line_num} with it" if reader.line_num > number else ""
            yield number, unreadable(f"CSV: {error}{taken}")
            continue
        if values and len(values) != len(header):
            yield number, unreadable(f"CSV: {len(values)} cells, where the first line names {len(header)}")
        elif values:
            yield number, members(zip(header, values, strict=True))


def decoded(file: BinaryIO) -> Iterator[str]:
    """Bytes that are not UTF-8 become lone surrogates, which validation refuses: one bad line does not end the file."""
    for _, line in lines(file):
        yield line.decode(errors="surrogateescape")


def members(named_cells: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    return {name: value_of(name, text) for name, text in named_cells if text or name in ("title", "description")}


def value_of(name: str, text: str) -> Any:
    if name == "description" and not text:
        return None
    if name == "is_completed":
        return BOOLEANS.get(text.lower(), text)
    return unprotect(text) if name in TEXTS else text
