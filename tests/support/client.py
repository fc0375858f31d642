"""Clients of the running service: one that reports what became of its request, and one that sends raw bytes."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any, NamedTuple

from testbed import client
from tests.conftest import JSON

# Used in place of a status. REFUSED: nothing was sent. BROKEN: the request was sent, and its outcome is unknown.
REFUSED, BROKEN = -1, 0


class Answer(NamedTuple):
    status: int
    body: Any = None
    headers: dict = {}


class Client(client.Client):
    """One connection, kept alive. A call sends one request as JSON, and never raises for a fault of the network."""

    def __call__(self, method, path, body=None, headers=None):
        headers = ({} if body is None else {"Content-Type": JSON}) | (headers or {})
        try:
            answer = self.send(method, path, None if body is None else json.dumps(body), headers)
        except (OSError, HTTPException) as error:
            self.close()
            return Answer(REFUSED if isinstance(error, ConnectionRefusedError) else BROKEN, repr(error))
        is_json = answer.body and answer.headers.get("Content-Type") == JSON
        return Answer(answer.status, json.loads(answer.body) if is_json else answer.body, dict(answer.headers))


def connect(service):
    return Client(service.port, timeout=60)


def send(connection, method, path, body=None, **headers):
    answer = connection.send(method, path, body, {"Content-Type": JSON} | headers)
    return answer.status, answer.body


def send_bytes(service, request, *, cut=False):
    """Sends the bytes and gives all that comes back until the service closes. `cut` ends the sending side first."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        peer.sendall(request)
        if cut:
            peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answer:
            return answer.read()


def post(user_id, framing, body):
    """The bytes of a createTask request, after which the service closes."""
    head = f"POST /api/{user_id}/tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {JSON}\r\n"
    return f"{head}{framing}\r\n\r\n".encode() + body


def parsed(answer):
    """The status and the JSON of an answer's bytes."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def create(service, user_id, title, **members):
    task = json.dumps({"title": title} | members)
    with connect(service) as connection:
        status, body = send(connection, "POST", f"/api/{user_id}/tasks", task)
    assert status == 201, body
    return json.loads(body)


def tasks(service, user_id):
    with connect(service) as connection:
        return json.loads(send(connection, "GET", f"/api/{user_id}/tasks")[1])


def at_once(works):
    """Calls all of them at the same moment, and returns their results in the same order."""
    barrier = threading.Barrier(len(works))

    def when_all_are_ready(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(when_all_are_ready, works))
