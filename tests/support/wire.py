"""HTTP as bytes: sends what client libraries refuse to send, and gives all that comes back."""

import json
import socket
import time
from typing import NamedTuple

REFUSED = "refused by gunicorn"
BAD_HOST = "This host is not in ALLOWED_HOSTS"
# The members that differ from one task to the next.
MADE = ("id", "created_at", "updated_at")


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def shape(self):
        """What the body says: a detail's text, a 422's problems as "body.title missing", or a task without MADE."""
        if "server" not in self.headers and set(json.loads(self.body)) == {"detail"}:
            return REFUSED
        said = json.loads(self.body) if self.body else None
        detail = said.get("detail") if isinstance(said, dict) else None
        if isinstance(detail, list):
            return [f"{place(problem['loc'])} {problem['type']}" for problem in detail]
        if isinstance(said, dict):
            return detail or {name: value for name, value in said.items() if name not in MADE}
        return said


def place(loc):
    """The path of a problem, without numbers: the position of an error in JSON changes with Python's version."""
    return ".".join(part for part in loc if isinstance(part, str))


def request(method, target, *headers, body=b"", version="HTTP/1.1", host=b"Host: localhost"):
    """The bytes of a request. A target or header that is bytes goes out unchanged."""
    first = b" ".join((method.encode(), as_bytes(target), version.encode()))
    lines = [first, *([host] if host else []), *map(as_bytes, headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def as_bytes(value):
    return value if isinstance(value, bytes) else value.encode()


def with_body(method, target, body, *headers, content_type="application/json"):
    typed = [f"Content-Type: {content_type}"] if content_type else []
    return request(method, target, f"Content-Length: {len(body)}", *typed, *headers, body=body)


def chunked(method, target, *headers, body):
    return request(method, target, "Transfer-Encoding: chunked", "Content-Type: application/json", *headers, body=body)


def exchange(port, sent, deadline=60):
    """Sends the bytes, ends the sending side, and gives the answers. TimeoutError means a hang."""
    until = time.monotonic() + deadline
    with socket.create_connection(("127.0.0.1", port), timeout=deadline) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The service refused it before all was sent. The answer is there.
        return parse(read_to_end(connection, until), sent.startswith(b"HEAD "))


def read_to_end(connection, until):
    received = bytearray()
    while True:
        connection.settimeout(max(0.001, until - time.monotonic()))
        piece = connection.recv(65536)
        if not piece:
            return bytes(received)
        received += piece


def parse(received, is_head=False):
    """The answers in the received bytes, without 1xx. Raises ValueError where one is cut or is not HTTP."""
    answers = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        if not separator or not first.startswith("HTTP/1."):
            raise ValueError(f"Not an answer: {received!r}")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        status = int(first.split(" ")[1])
        if headers.get("transfer-encoding") == "chunked" and not is_head:
            body, received = joined(rest)
        else:
            length = 0 if status < 200 or status == 304 or is_head else int(headers["content-length"])
            body, received = rest[:length], rest[length:]
            if len(body) < length:
                raise ValueError(f"An answer cut short: {body!r}")
        if status >= 200:
            answers.append(Answer(status, headers, body))
    return answers


def joined(chunks):
    """The body in the chunks, and what comes after them. Raises ValueError where the chunks do not end."""
    body = bytearray()
    while True:
        size, separator, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        chunk, chunks = rest[:length], rest[length + 2 :]
        if not separator or rest[length : length + 2] != b"\r\n":
            raise ValueError(f"A chunk cut short: {chunk!r}")
        if not length:
            return bytes(body), chunks
        body += chunk
