"""The HTTP client of tests and benchmarks, for single requests."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Self

CHUNK_BYTES = 1 << 16
NO_TASKS = "/api/nobody/tasks"


@dataclass(frozen=True)
class Answer:
    """`seconds` is the time from the request to the last byte of the body."""

    status: int
    headers: HTTPMessage
    body: bytes
    seconds: float


class Client:
    """One connection that is kept alive: `with Client(port) as client: client.send("GET", path)`."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises OSError and HTTPException."""
        begin = time.perf_counter()
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        chunks = []
        while chunk := answer.read(CHUNK_BYTES):
            chunks.append(chunk)
        seconds = time.perf_counter() - begin
        return Answer(answer.status, answer.headers, b"".join(chunks), seconds)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def is_serving(port: int, timeout: float = 30, token: str | None = None) -> bool:
    """Whether the service answers with a list, which needs the database. `token`: of nobody, where it checks tokens."""
    try:
        with Client(port, timeout) as client:
            answer = client.send("GET", NO_TASKS, headers=bearer(token))
    except (OSError, HTTPException):
        return False
    return (answer.status, answer.body) == (200, b"[]")
