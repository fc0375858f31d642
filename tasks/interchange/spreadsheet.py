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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from tasks.interchange.lines import Record, unreadable
from tasks.interchange.tables import TextLines, column_name, next_row, open_table, rows
from tasks.statements import FIELDS
from todo_project.api.fields import WHITE_SPACE
from todo_project.api.problems import Invalid
from todo_project.database.statements import Row

CELL_START = r"(?:^|(?<=[,;\t\r\n\"]))"
# The full-width ones too: East Asian editions of Excel read them as the others.
FORMULA = r"(?=[=+\-@＝＋－＠])"  # noqa: RUF001 -- these characters are meant
UNPROTECTED = re.compile(rf"{CELL_START}('*){FORMULA}")
PROTECTED = re.compile(rf"{CELL_START}'('*){FORMULA}")
BLANKS = f"{WHITE_SPACE}\x1a"
TEXTS = ("user_id", "title", "description")
# As databases, Python and spreadsheets write them, those in the language of their user.
TRUE = ["true", "t", "yes", "y", "1", "1.0", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda"]
FALSE = ["false", "f", "no", "n", "0", "0.0", "falsch", "faux", "falso", "onwaar", "fałsz"]
# What programs write for null where a text cannot be meant.
NULLS = {"null", "none", "nan", "nat", "\\n"}
BOOLEANS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)


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
    """Raises UnreadableError for a file without a header of tasks."""
    text = TextLines(file)
    reader, names = open_table(text)
    for number, values in rows(text, partial(next_row, reader)):
        if isinstance(values, Invalid):
            yield number, values
        elif not is_empty(values) and not is_header(values, names):
            yield number, record(names, values)


def is_empty(values: Sequence[str]) -> bool:
    """Whether a row has blanks alone: spreadsheets write such rows for cells that once had a content or a format.

    Windows puts a Ctrl-Z at the end of files that its `copy` puts together.
    """
    return not "".join(values).strip(BLANKS)


def is_header(values: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the row is the header again, as in files that were put together."""
    # The first cell decides for nearly all rows.
    return column_name(values[0]) == names[0] and [column_name(cell) for cell in values] == names


def record(names: Sequence[str], values: Sequence[str]) -> Mapping[str, Any] | Invalid:
    """The members of a task. Cells behind the last column with a name may be missing, or there without a content."""
    wanted = max(number for number, name in enumerate(names, 1) if name)
    if len(values) < wanted or not is_empty(values[len(names) :]):
        return unreadable(f"CSV: {len(values)} cells, where the first line names {wanted}")
    cells = ((name, text if name in TEXTS else plain(text)) for name, text in zip(names, values, strict=False))
    kept = (cell for cell in cells if cell[0] in FIELDS and (cell[1] or cell[0] in ("title", "description")))
    return {name: value_of(name, text) for name, text in kept}


def plain(text: str) -> str:
    text = text.strip()
    return "" if text.lower() in NULLS else text


def value_of(name: str, text: str) -> Any:
    if name == "description" and not text:
        return None
    if name == "is_completed":
        return BOOLEANS.get(text.lower(), text)
    return unprotect(text) if name in TEXTS else text
