"""The lines of a file, each of a bounded length, so that a file without line ends does not fill the memory."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.conf import settings

from todo_project.api.problems import Invalid, problem

# The number of a line, and the members of its task or the reason why it cannot be read.
Record = tuple[int, "Mapping[str, Any] | Invalid"]


class UnreadableError(ValueError):
    """A file cannot be read any further. The message is one sentence without its full stop."""


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, from 1. A line over MAX_BODY_BYTES is cut to one byte more than that."""
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
