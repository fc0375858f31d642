"""One JSON array of tasks, as the API's lists are, in place of lines. It is read a task at a time."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings

from tasks.interchange.jsonl import members
from tasks.interchange.lines import Record, UnreadableError

CHUNK = 65_536
STARTS_AS_ARRAY = re.compile(rb"\s*\[\s*(\{|\]\s*\Z)")
# A text, a text whose end is not read yet, and what begins or ends an element.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)


def is_array(head: bytes) -> bool:
    """Whether a file that begins so is an array of objects, or of nothing."""
    return bool(STARTS_AS_ARRAY.match(head))


def read(file: BinaryIO) -> Iterator[Record]:
    return ((number, members(element)) for number, element in elements(file))


def elements(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The elements, numbered from 1. Raises UnreadableError where the array is cut short, and at a huge element."""
    buffer = file.read(CHUNK).lstrip().removeprefix(b"[")
    start, number, separator = 0, 1, b","
    while separator == b",":
        while (end := end_of_element(buffer, start)) is None:
            buffer, start = more(file, buffer[start:], number), 0
        element, separator = buffer[start:end].strip(), buffer[end : end + 1]
        if element or number > 1 or separator == b",":
            yield number, element
        start, number = end + 1, number + 1
    if (buffer[start:] + file.read(CHUNK)).strip():
        raise UnreadableError("The file goes on behind the end of its JSON array")


def more(file: BinaryIO, rest: bytes, number: int) -> bytes:
    if len(rest) > settings.MAX_BODY_BYTES:
        raise UnreadableError(f"Task {number} of the JSON array is longer than {settings.MAX_BODY_BYTES} bytes")
    chunk = file.read(CHUNK)
    if not chunk:
        raise UnreadableError(f"The JSON array is cut short in task {number}")
    return rest + chunk


def end_of_element(buffer: bytes, start: int) -> int | None:
    """Where the comma or bracket behind the element is. None if the buffer does not reach so far."""
    depth = 0
    for token in TOKEN.finditer(buffer, start):
        if token[0] == b'"':
            return None
        if token[0] in b"[{":
            depth += 1
        elif depth and token[0] in b"]}":
            depth -= 1
        elif not depth and token[0] in b",]}":
            return token.start()
    return None
