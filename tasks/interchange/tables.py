"""The rows of a CSV file: its columns and what separates them, as spreadsheets, databases and scripts write them."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO

from django.conf import settings

from tasks.interchange.lines import UnreadableError, lines, unreadable
from tasks.statements import FIELDS
from todo_project.api.fields import WHITE_SPACE
from todo_project.api.problems import Invalid

DELIMITERS = ",;\t"
# Excel's own way to name the delimiter. It writes the line back with the delimiters of the other columns behind it.
SEPARATOR = re.compile(r'\ufeff?"?sep=(\t|[^\s"])"?[\s,;]*', re.IGNORECASE)
AROUND_NAMES = WHITE_SPACE + "\x1a\ufeff\u200b\"'"
BETWEEN_WORDS = re.compile(r"[\s_-]+")
NAMES = {name.replace("_", ""): name for name in FIELDS}
# Quotes keep a row open over any number of lines.
MOST_ROW_OCTETS = 8 * settings.MAX_BODY_BYTES
EXPECTED = f"The first line must name the columns, separated by commas: {','.join(FIELDS)}"
DRAWN = re.compile(r"\+[-+]+\+\s*")


class TextLines:
    """The lines as text. `number` is that of the last one.

    Bytes that are not UTF-8 become lone surrogates, which validation refuses: one bad line does not end the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.lines = lines(file)
        self.number = 0
        self.row_octets = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def begin_row(self) -> int:
        """The number of the first line of the next row."""
        self.row_octets = 0
        return self.number + 1

    def __next__(self) -> str:
        """Raises csv.Error for a line or a row that is too long. The next call reads the next line."""
        self.number, line = next(self.lines)
        self.row_octets += len(line)
        if len(line) > settings.MAX_BODY_BYTES:
            raise csv.Error(f"the line is longer than {settings.MAX_BODY_BYTES} bytes")
        if self.row_octets > MOST_ROW_OCTETS:
            raise csv.Error(f"the row is longer than {MOST_ROW_OCTETS} bytes")
        return line.decode(errors="surrogateescape")


def open_table(text: TextLines) -> tuple[Any, list[str]]:
    """A csv.reader of the rows behind the header, and the columns by the names that tasks have.

    Raises UnreadableError for a file without a header of tasks.
    """
    try:
        line, delimiters = first_line(text)
        refuse_other_formats(line, delimiters)
        delimiter = max(delimiters, key=lambda each: len(known_names(line.split(each))))
        # A writer that puts a blank behind each delimiter puts it before quotes too.
        has_blanks = all(cell.startswith(" ") for cell in line.split(delimiter)[1:])
        reader = csv.reader(chain([line], text), delimiter=delimiter, skipinitialspace=has_blanks, strict=True)
        header = next_row(reader)
    except csv.Error as error:
        raise UnreadableError(f"{EXPECTED}; {error}") from None
    refuse_columns(header)
    return reader, [column_name(cell) for cell in header]


def rows(text: TextLines, read: Callable[[], list[str]]) -> Iterator[tuple[int, list[str] | Invalid]]:
    """What `read` gives of the text until it raises StopIteration, each with its number: a row, or what is wrong."""
    while True:
        number = text.begin_row()
        try:
            yield number, read()
        except StopIteration:
            return
        except csv.Error as error:
            taken = f"; it takes the lines up to {text.number} with it" if text.number > number else ""
            yield number, unreadable(f"CSV: {error}{taken}")


def next_row(reader: Any) -> list[str]:
    """Raises StopIteration at the end, and csv.Error.

    Where semicolons separate cells, Excel takes a line with commas for one cell. It saves one with quotes in quotes.
    """
    values: list[str] = next(reader)
    if len(values) == 1 and reader.dialect.delimiter in values[0]:
        return next(csv.reader(values, reader.dialect))
    return values


def first_line(text: TextLines) -> tuple[str, str]:
    """The first line that is not empty, and the delimiters that it may have."""
    delimiters = DELIMITERS
    for line in text:
        if match := SEPARATOR.fullmatch(line):
            delimiters += match[1]
        elif line.strip(AROUND_NAMES + DELIMITERS):
            return line, delimiters
    raise UnreadableError(f"{EXPECTED}; the file is empty")


def column_name(cell: str) -> str:
    """The name of the task's member that a header means, as created_at for `Created At`; another header as it is."""
    plain = BETWEEN_WORDS.sub("", cell.strip(AROUND_NAMES)).casefold()
    return NAMES.get(plain, plain)


def known_names(cells: Sequence[str]) -> list[str]:
    return [name for cell in cells if (name := column_name(cell)) in FIELDS]


def names_columns(line: str) -> bool:
    """Whether a table of tasks begins so, by whatever delimiter."""
    if SEPARATOR.fullmatch(line) or DRAWN.fullmatch(line):
        return True
    return any(len(known_names(line.split(each))) > 1 for each in f"{DELIMITERS}|")


def refuse_other_formats(line: str, delimiters: str) -> None:
    if line.lstrip().startswith(("{", "[")):
        wanted = "jsonl" if line.lstrip().startswith("{") else "json"
        raise UnreadableError(f"The file holds JSON, not CSV: add --format {wanted}")
    if "|" not in delimiters and (DRAWN.fullmatch(line) or len(known_names(line.split("|"))) > 1):
        raise UnreadableError("The file is a table with | between its cells: write it as CSV, as psql --csv does")


def refuse_columns(header: Sequence[str]) -> None:
    names = known_names(header)
    missing = [name for name in ("id", "title") if name not in names]
    if missing:
        raise UnreadableError(f"{EXPECTED}; missing: {', '.join(missing)}")
    for name in names:
        spellings = [cell.strip(AROUND_NAMES) for cell in header if column_name(cell) == name]
        if len(spellings) > 1:
            raise UnreadableError(f"The first line names the column {name} more than once: {', '.join(spellings)}")
