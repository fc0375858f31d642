"""One GET of a key set, bounded in time and size, that follows no redirect."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
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
    """The text of the answer. Raises FetchError."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    deadline = time.monotonic() + TIMEOUT_SECONDS
    with closing(make(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)) as connection:
        try:
            connection.connect()
            with shut_at(deadline, connection.sock):
                body = body_of(connection, target)
            # An answer without a length that was cut off looks whole.
            if time.monotonic() < deadline:
                return body.decode("utf-8-sig")
            raise TimeoutError
        except (OSError, HTTPException, ValueError) as error:
            raise FetchError(reason(error, deadline)) from None


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
    watch = threading.Timer(max(0, deadline - time.monotonic()), shut, [sock])
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
