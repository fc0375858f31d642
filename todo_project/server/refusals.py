"""Answers to malformed requests, in JSON. gunicorn's own answers are HTML and repeat what the client sent."""

import socket
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn.util import http_date

# A refusal's own headers, then those that Django's middleware adds to every answer.
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
    """Replaces gunicorn's function of this name. Its own workers call it where they serve instead of ours."""
    client.sendall(refusal(status))
