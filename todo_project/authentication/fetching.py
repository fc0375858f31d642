"""One GET of a key set, bounded in time and size, that follows no redirect."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from todo_project.environment.public_keys import NoUsableKeyError, VerificationKey, read

TIMEOUT_SECONDS = 3
MOST_BYTES = 1 << 20
HEADERS = {"Accept": "application/jwk-set+json, application/json", "User-Agent": "backend-task-service"}


class FetchError(Exception):
    """Why there are no keys, for a log. It never holds the URL, whose query may be a secret."""


def fetch_keys(url: str, algorithms: Sequence[str]) -> tuple[str, list[VerificationKey]]:
    """The key set's text, and its keys for the algorithms: none, where it holds others alone. Raises FetchError."""
    text = fetch(url)
    try:
        return text, read(text, algorithms)
    except NoUsableKeyError:
        return text, []
    except ValueError as error:
        raise FetchError(f"its answer {error}") from None


def fetch(url: str) -> str:
    """The text of the answer. Raises FetchError. The time-out is for all of it but the name's resolution."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        with closing(make(parts.hostname or "", parts.port)) as connection:
            addresses = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
            deadline = time.monotonic() + TIMEOUT_SECONDS
            connection.sock = connected(addresses, deadline)
            if parts.scheme == "https":
                # Python bounds a handshake as a whole.
                secure = ssl.create_default_context().wrap_socket
                connection.sock = secure(connection.sock, server_hostname=connection.host)
            with shut_at(deadline, connection.sock):
                body = body_of(connection, target)
        # An answer without a length that was cut off looks whole.
        left(deadline)
        return body.decode("utf-8-sig")
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(reason(error, deadline)) from None


def left(deadline: float) -> float:
    """The seconds that are left. Raises TimeoutError where there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def connected(addresses: list[Any], deadline: float) -> socket.socket:
    """A connection to the first address that takes one, within the time of all. Its waits end at the deadline."""
    error = OSError("The host has no address")
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left(deadline))
            sock.connect(address)
            sock.settimeout(left(deadline))
            return sock
        except OSError as failure:
            sock.close()
            error = failure
    raise error


def reason(error: Exception, deadline: float) -> str:
    if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
        return "it timed out"
    if isinstance(error, HTTPException | ValueError):
        return f"its answer was malformed or cut off ({type(error).__name__})"
    return getattr(error, "strerror", None) or type(error).__name__


@contextmanager
def shut_at(deadline: float, sock: socket.socket) -> Iterator[None]:
    """Ends the connection at the deadline.

    The socket's own time-out bounds each wait, and not their sum: a server that sends a byte a second would pass it.
    """
    watch = threading.Timer(left(deadline), shut, [sock])
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        # A process that forks should have no other thread.
        watch.join()


def shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def body_of(connection: HTTPConnection, target: str) -> bytes:
    connection.request("GET", target, headers=HEADERS)
    with closing(connection.getresponse()) as answer:
        if answer.status != 200:
            raise FetchError(f"it answered {answer.status}")
        body = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise FetchError(f"its answer is larger than {MOST_BYTES} bytes")
        if answer.length:
            raise IncompleteRead(body, answer.length)
        return body
