"""How an answer leaves: as few packets as it can be, and nothing in it that a client made up."""

import socket
from typing import Any

import orjson
from gunicorn.http import wsgi
from gunicorn.util import http_date

# To copy more than that costs more than the system call that it saves.
JOINED_BYTES = 64 * 1024
# The headers that Django's middleware gives all answers, and the others of a refusal before it.
REFUSAL = """\
Connection: close\r
Content-Type: application/json\r
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r
Cross-Origin-Opener-Policy: same-origin\r
Referrer-Policy: same-origin\r
X-Content-Type-Options: nosniff\r
X-Frame-Options: DENY\r
"""


class Answer(wsgi.Response):  # type: ignore[misc]  # why: an untyped library
    """gunicorn's own sends the head by itself: another system call, another packet, and the client wakes up twice."""

    head = b""
    headers_sent: bool

    def send_headers(self) -> None:
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self.head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def send_head(self) -> None:
        self.send_headers()
        if self.head:
            self.sock.sendall(self.head)
            self.head = b""

    def _emit_body(self, data: bytes) -> None:
        if self.chunked or len(data) > JOINED_BYTES:
            self.send_head()
            super()._emit_body(data)
        else:
            self.sock.sendall(self.head + data)
            self.head = b""

    def sendfile(self, respiter: Any) -> Any:
        self.send_head()
        return super().sendfile(respiter)

    def close(self) -> None:
        self.send_head()
        super().close()


def write_error(client: socket.socket, status: int, reason: str, message: str) -> None:
    """In place of gunicorn's page of HTML, which repeats what the client has sent."""
    body = orjson.dumps({"detail": reason})
    head = f"HTTP/1.1 {status} {reason}\r\nDate: {http_date()}\r\nContent-Length: {len(body)}\r\n{REFUSAL}\r\n"
    client.sendall(head.encode() + body)
