"""Log lines: JSON, or plain text in a terminal. Each line of a request carries its id, and none what a task says.

The line of each request goes to stdout past the logging module, which would cost more than half of such a line. All
others go to stderr, so that what a command writes on stdout is data alone.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from random import getrandbits
from types import TracebackType
from typing import Any

import orjson
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
STDOUT = 1
LEFT_OUT = "(left out)"
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Current(threading.local):
    """The request that this thread answers."""

    request_id: str | None = None
    statements = 0


current = Current()


def request_id_of(sent: str | None) -> str:
    """The id that came with the request where it is well formed, or else a new one: no secret, so no system call."""
    return sent if sent and REQUEST_ID.fullmatch(sent) else f"{getrandbits(64):016x}"


# SQL statements are counted where all of them pass, the admin's too: in Django's cursor.


def counted(execute: Callable[..., Any], *args: Any) -> Any:
    current.statements += 1
    return execute(*args)


def count_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if counted not in connection.execute_wrappers:
        # First, since Django's context manager takes away the last.
        connection.execute_wrappers.insert(0, counted)


def count_all_statements() -> None:
    """On each connection of this thread, and on those that are made later."""
    connection_created.connect(count_statements, dispatch_uid="count_statements")
    for connection in connections.all(initialized_only=True):
        count_statements(connection)


# The line of a request.


def json_line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def plain_line(fields: dict[str, Any]) -> bytes:
    line = (
        "{time:%H:%M:%S} {status} {method} {route} {milliseconds} ms, {statements} SQL, {bytes} bytes [{request_id}]\n"
    )
    return line.format_map(fields).encode()


def request_writer() -> Callable[[dict[str, Any]], None]:
    """What writes the line of a request, as stdout is: whole, since it is one write."""
    # Python finds no stdout where descriptor 1 is closed; then it may become a socket's.
    if sys.__stdout__ is None:
        return lambda fields: None
    line = plain_line if os.isatty(STDOUT) else json_line

    def write(fields: dict[str, Any]) -> None:
        try:
            os.write(STDOUT, line({"time": datetime.now(UTC), "level": "info", "logger": "request", **fields}))
        except OSError:
            # A full disk, or a reader that went away, is no reason to fail the request.
            return

    return write


# All other lines.


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        # A streamed answer may fail when its request is no longer the current one: then the error knows.
        record.request_id = current.request_id or getattr(error, "request_id", None)
        return True


class PlainFormatter(logging.Formatter):
    """Its tracebacks leave out PostgreSQL's DETAIL, which repeats the whole row that was refused."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 -- logging's name
        text, error = super().formatException(ei), ei[1]
        while error is not None:
            detail = getattr(getattr(error, "diag", None), "message_detail", None)
            text = text.replace(detail, LEFT_OUT) if detail else text
            error = error.__cause__ or error.__context__
        return text


class JSONFormatter(PlainFormatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": getattr(record, "request_id", None),
            "message": encodable(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = encodable(self.formatException(record.exc_info))
        return json_line(fields).decode().rstrip("\n")


def encodable(text: str) -> str:
    """Without lone surrogates, which no JSON holds."""
    return text.encode(errors="backslashreplace").decode()
