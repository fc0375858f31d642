"""A client of the running service: over a connection of its own, or byte for byte."""

import http.client
import json
import socket
from contextlib import closing

from tests.conftest import JSON


def connect(service):
    """For `with`: an HTTP connection that stays open between requests."""
    return closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=20))


def send(connection, method, path, body=None, **headers):
    connection.request(method, path, body, {"Content-Type": JSON} | headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def send_bytes(service, request, *, cut=False):
    """All that comes back for these bytes until the service closes; `cut` ends the sending before."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as peer:
        peer.sendall(request)
        if cut:
            peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answer:
            return answer.read()


def post(user_id, framing, body):
    """The bytes of a createTask after which the service closes."""
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
