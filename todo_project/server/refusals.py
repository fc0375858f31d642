"""The answer to what is no request: JSON, as all answers are. gunicorn's own is HTML, and repeats what was sent."""

import socket
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn.util import http_date

# The headers that Django's middleware gives all answers, and the others of a refusal before it.
HEADERS = """\
Connection: close\r
Content-Type: application/json\r
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r
Cross-Origin-Opener-Policy: same-origin\r
Referrer-Policy: same-origin\r
X-Content-Type-Options: nosniff\r
X-Frame-Options: DENY\r
"""


def refusal(status: int) -> bytes:
    reason = HTTPStatus(status).phrase
    body = orjson.dumps({"detail": reason})
    return (
        f"HTTP/1.1 {status} {reason}\r\nDate: {http_date()}\r\nContent-Length: {len(body)}\r\n{HEADERS}\r\n".encode()
        + body
    )


def write_error(client: socket.socket, status: int, *_: Any) -> None:
    """gunicorn's, for those of its own workers that may serve in place of this one."""
    client.sendall(refusal(status))
