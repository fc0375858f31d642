"""The standard streams: UTF-8 in files and pipes, whatever the locale says. No character makes a write fail."""

import io
import sys

# What of a text cannot be encoded, such as the bytes of a file name that is not UTF-8, is escaped.
ERRORS = {"stdin": "replace", "stdout": "backslashreplace", "stderr": "backslashreplace"}


def use_utf8() -> None:
    """A terminal keeps its own encoding. So does a stream that was closed at the start, or replaced."""
    for name, errors in ERRORS.items():
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors=errors)
