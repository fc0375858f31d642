"""Log lines: JSON, or plain text in a terminal. They go to stderr, so that a command's stdout holds data alone.

A line that belongs to a request carries the request's id. No line carries the text of a task.
"""

import logging
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

LEFT_OUT = "(left out)"
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Current(threading.local):
    """The request that this thread answers."""

    request_id: str | None = None
    statement_count = 0


current = Current()


def json_line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        # A streamed answer may fail after its thread has gone on to another request. Then the error has the id.
        record.request_id = current.request_id or getattr(error, "request_id", None)
        return True


class PlainFormatter(logging.Formatter):
    """Its tracebacks leave out PostgreSQL's DETAIL, which repeats the whole row that the database refused."""

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
    """Replaces lone surrogates, which JSON cannot hold."""
    return text.encode(errors="backslashreplace").decode()
