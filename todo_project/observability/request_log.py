"""One line for each request, on stdout: its route, its status, its time and its number of SQL statements.

The lines bypass the logging module, which would be more than half of their cost.
"""

import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from random import getrandbits
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from todo_project.observability.logs import current, json_line

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
STDOUT = 1


def request_id_of(sent: str | None) -> str:
    """The id that the client sent if it is well formed, else a new one. It is no secret, so getrandbits will do."""
    return sent if sent and REQUEST_ID.fullmatch(sent) else f"{getrandbits(64):016x}"


def count_statement(execute: Callable[..., Any], *args: Any) -> Any:
    current.statement_count += 1
    return execute(*args)


def install_counter(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Counts in Django's cursor, which all statements pass, those of the admin too."""
    if count_statement not in connection.execute_wrappers:
        # First in the list: Django's own context manager removes the last.
        connection.execute_wrappers.insert(0, count_statement)


def install_counters() -> None:
    """Counts on each connection of this thread, and on every connection that is made later."""
    connection_created.connect(install_counter, dispatch_uid="install_counter")
    for connection in connections.all(initialized_only=True):
        install_counter(connection)


def plain_line(fields: dict[str, Any]) -> bytes:
    line = "{time:%H:%M:%S} {status} {method} {route} {milliseconds} ms, {statements} SQL, {bytes} bytes [{request_id}]"
    refused = ", refused: {refused}" if "refused" in fields else ""
    return f"{line}{refused}\n".format_map(fields).encode()


def request_writer() -> Callable[[dict[str, Any]], None]:
    """A function that writes the line of a request: JSON, or plain text where stdout is a terminal."""
    # Descriptor 1 was closed at the start. A socket may get it later.
    if sys.__stdout__ is None:
        return lambda fields: None
    line = plain_line if os.isatty(STDOUT) else json_line

    def write(fields: dict[str, Any]) -> None:
        try:
            os.write(STDOUT, line({"time": datetime.now(UTC), "level": "info", "logger": "request", **fields}))
        except OSError:
            # A full disk or a closed pipe must not fail the request.
            return

    return write
