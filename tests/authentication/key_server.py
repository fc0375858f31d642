"""A server of an issuer's keys that can do wrong. It keeps the path and the headers of each request.

`with KeyServer(serve(key_set(key))) as server:` serves at `server.url`, and `server.behaviour = hang` changes what it
does from the next request on. A behaviour is a function of the connection and of the server.
"""

import json
import socket
import threading
import time
from contextlib import suppress
from typing import NamedTuple

from testbed.postgres import free_port
from tests.support.stoppable import Stoppable

PATH = "/keys"
# Far beyond what the service waits. A test of a service that waits on ends all the same.
LONGEST_SECONDS = 12


class Request(NamedTuple):
    path: str
    headers: dict
    # On the clock of time.monotonic().
    moment: float


class KeyServer(Stoppable):
    """`stopped()` refuses connections for a while."""

    def __init__(self, behaviour):
        self.behaviour, self.port = behaviour, free_port()
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        self.requests, self.sent_bytes = [], 0
        self.is_over = threading.Event()

    @property
    def paths(self):
        return [request.path for request in self.requests]

    def start(self):
        self.is_over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def stop(self):
        self.is_over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=[client], daemon=True).start()

    def answer(self, client):
        """Answers one request. A client that goes away early is no fault."""
        with client, suppress(OSError):
            client.settimeout(20)
            with client.makefile("rb") as received:
                self.requests.append(read(received))
            self.behaviour(client, self)

    def send(self, client, data):
        client.sendall(data)
        self.sent_bytes += len(data)

    def wait(self, seconds):
        """Waits, but not past the server's end. Returns whether the server is still there."""
        return not self.is_over.wait(seconds)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()


def read(received):
    path = received.readline().split()[1].decode()
    headers = {}
    while line := received.readline().strip().decode("latin-1"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(path, headers, time.monotonic())


def key_set(*keys):
    """The JSON of a set of these keys; each is a Key, or anything that is to stand there instead of its JWK."""
    return json.dumps({"keys": [getattr(key, "jwk", key) for key in keys]}).encode()


# What it does with a request


def serve(body, status="200 OK", content_type="application/json"):
    def behaviour(client, server):
        server.send(client, head(status, f"Content-Type: {content_type}", f"Content-Length: {len(body)}") + body)

    return behaviour


def head(status, *fields):
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "Connection: close", "\r\n"]).encode()


def fail(status="500 Internal Server Error"):
    return serve(b'{"error": "this is not for you"}', status)


def redirect(location, body=b"", status="302 Found"):
    """Answers with a redirect, and with keys as its body: they must not be taken from there."""

    def behaviour(client, server):
        server.send(client, head(status, f"Location: {location}", f"Content-Length: {len(body)}") + body)

    return behaviour


def hang(client, server):
    server.wait(LONGEST_SECONDS)


def hang_after_the_head(client, server):
    server.send(client, head("200 OK", "Content-Type: application/json", "Content-Length: 1000"))
    server.wait(LONGEST_SECONDS)


def drip(body):
    """Sends a byte a second: each arrives within any time-out of a single read."""

    def behaviour(client, server):
        server.send(client, head("200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}"))
        for byte in body[:LONGEST_SECONDS]:
            server.send(client, bytes([byte]))
            if not server.wait(1):
                return

    return behaviour


def close_midway(body):
    def behaviour(client, server):
        server.send(client, head("200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}"))
        server.send(client, body[: len(body) // 2])

    return behaviour


def close_at_once(client, server):
    pass


def grow(body):
    """Sends a set of keys and then white space without end, all of it JSON so far."""

    def behaviour(client, server):
        server.send(client, head("200 OK", "Content-Type: application/json") + body)
        while True:
            server.send(client, b" " * 65536)

    return behaviour


def grow_by_chunks(body):
    def behaviour(client, server):
        server.send(client, head("200 OK", "Transfer-Encoding: chunked") + b"%x\r\n%b\r\n" % (len(body), body))
        while True:
            server.send(client, b"1000\r\n" + b" " * 4096 + b"\r\n")

    return behaviour


def send_interim_answers(client, server):
    for _ in range(10 * LONGEST_SECONDS):
        server.send(client, b"HTTP/1.1 100 Continue\r\n\r\n")
        server.wait(0.1)


def send_headers_without_end(client, server):
    server.send(client, b"HTTP/1.1 200 OK\r\n")
    while True:
        server.send(client, b"X-More: " + b"a" * 8000 + b"\r\n")


def speak_nonsense(client, server):
    server.send(client, b"\x00\xffSSH-2.0-nonsense\r\n" * 100)
