"""Physical lines of a file, each of a bounded length: a file without line ends must not fill the memory."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.conf import settings

from todo_project.api.problems import Invalid, problem

# A line's number, and what stands there: the members of a task, or why it cannot be read.
Record = tuple[int, "Mapping[str, Any] | Invalid"]


class UnreadableError(ValueError):
    """A file that cannot be read any further; its message is one sentence without the full stop."""


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, from 1. One longer than a body of the API may be is cut to one byte over that."""
    number = 0
    limit = settings.MAX_BODY_BYTES + 1
    while line := file.readline(limit):
        number += 1
        rest = line
        while len(rest) == limit and not rest.endswith(b"\n"):
            rest = file.readline(limit)
        yield number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line


def unreadable(reason: str) -> Invalid:
    return Invalid(problem(["body"], reason))
