"""Todoist: the CSV of a project, of which a backup has one each.

It has neither ids nor times. A task is known by its section and its content, and by how many such there were before.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO

from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut
from tasks.interchange.foreign.words import LABEL_IN_TITLE, SUBTASK
from tasks.interchange.lines import UnreadableError
from tasks.interchange.tables import TextLines, rows
from todo_project.api.problems import Invalid

LABEL = re.compile(r"(?:^|\s)@(\S+)")
NO_PRIORITY = ("", "4")
Cells = Mapping[str, str]


def read(file: BinaryIO) -> Found:
    reader = TodoistReader()
    for number, cells in named_cells(file):
        yield from reader.take(number, cells)
    yield from reader.flush()


def named_cells(file: BinaryIO) -> Iterator[tuple[int, Cells | Invalid]]:
    text = TextLines(file)
    header: list[str] = []
    for number, values in rows(text, partial(next, csv.reader(text, strict=True))):
        if isinstance(values, Invalid):
            yield number, values
        elif header:
            yield number, {name: value.strip() for name, value in zip(header, values, strict=False)}
        elif "".join(values).strip():
            header = [name.strip("\ufeff ").upper() for name in values]
            if not {"TYPE", "CONTENT"} <= set(header):
                raise UnreadableError("The first line must name the columns of Todoist: TYPE,CONTENT,DESCRIPTION,…")


class TodoistReader:
    """Holds a task until the next row, since the comments on a task come behind it."""

    def __init__(self) -> None:
        self.task: tuple[int, ForeignTask] | None = None
        self.section = ""
        self.parents: dict[int, str] = {}

    def take(self, number: int, cells: Cells | Invalid) -> Found:
        if isinstance(cells, Invalid):
            yield from self.flush()
            yield number, cells
            return
        match cells.get("TYPE", "").lower():
            case "task":
                yield from self.flush()
                self.task = number, self.read_task(cells)
            case "section":
                yield from self.flush()
                self.section = cells.get("CONTENT", "")
            case "note" if self.task:
                self.task[1].note("comment", cells.get("CONTENT"))
            case "note":
                yield number, LeftOut("comment on the project")

    def flush(self) -> Found:
        if self.task:
            yield self.task
        self.task = None

    def read_task(self, cells: Cells) -> ForeignTask:
        title = cells.get("CONTENT", "")
        found = ForeignTask((self.section, title), title, cells.get("DESCRIPTION"), has_unique_key=False)
        found.note("section", self.section)
        indent = int(cells["INDENT"]) if re.fullmatch("[1-9]", cells.get("INDENT", ""), re.ASCII) else 1
        self.parents[indent] = title
        if indent > 1:
            found.note(SUBTASK, self.parents.get(indent - 1) or "another task")
        add_notes(found, cells)
        return found


def add_notes(found: ForeignTask, cells: Cells) -> None:
    found.note("due date", cells.get("DATE"))
    found.note("deadline", cells.get("DEADLINE"))
    priority = cells.get("PRIORITY", "")
    found.note("priority", None if priority in NO_PRIORITY else f"{priority} (1 is the highest)")
    if cells.get("DURATION") not in (None, "", "None"):
        found.note("duration", f"{cells['DURATION']} {cells.get('DURATION_UNIT', '')}".strip())
    found.note("assignee", cells.get("RESPONSIBLE"))
    for label in LABEL.findall(found.title):
        found.note(LABEL_IN_TITLE, label)
