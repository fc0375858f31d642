"""The service behind nginx and HAProxy, configured as docs/operations.md says."""

import http.client
import json
import socket
import ssl
import struct
import time
import urllib.request
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from tests.faults.test_outages import timed
from tests.support.client import Client
from tests.support.ports import refusing_port

# The database makes no difference to what a proxy does with a request.
pytestmark = pytest.mark.run_once("sqlite")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MEGABYTE = 1_000_000


@pytest.fixture
def tasks(proxy):
    """The path to the tasks of a user that no other proxy has."""
    return f"/api/behind-{proxy.port}/tasks"


def test_the_six_operations(client, tasks):
    task = client("POST", tasks, {"title": "One"}).body
    path = f"{tasks}/{task['id']}"
    assert client("GET", tasks).body == [task]
    assert client("GET", path).body == task
    assert client("PUT", path, {"title": "Two"}).body["title"] == "Two"
    assert client("PATCH", f"{path}/complete").body["is_completed"] is True
    assert client("DELETE", path).status == 200
    assert client("GET", tasks).body == []


PATHS = {
    "/api/a%2Fb/tasks": 422,
    "/api/%ff/tasks": 422,
    "/api//tasks": 422,
    "/api/./tasks": 200,
    "/api/a/../b/tasks": 404,
    "/api/a+b/tasks": 200,
    "/api/%2525/tasks": 200,
    "/api/%C3%BC/tasks?x=%2F": 200,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_arrives_as_sent(client, pair, path):
    with Client(pair[0].port) as direct:
        status, body, _ = direct("GET", path)
    assert status == PATHS[path]
    assert client("GET", path)[:2] == (status, body)


def test_metrics_are_not_for_the_world(client):
    assert {client("GET", path).status for path in ("/metrics", "/m%65trics", "/metrics?x")} == {403}


def is_known_as_secure(url, **options):
    claim = urllib.request.Request(f"{url}/health", headers={"X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(claim, **options) as answer:
        return "Strict-Transport-Security" in answer.headers


def test_the_service_knows_what_came_over_tls_whatever_the_client_claims(proxy):
    trusted = ssl.create_default_context(cafile=proxy.folder / "certificate")
    assert is_known_as_secure(f"https://127.0.0.1:{proxy.tls_port}", context=trusted)
    assert not is_known_as_secure(f"http://127.0.0.1:{proxy.port}")


# Instances that stop.


def test_a_rolling_restart_loses_no_request(proxy, restarted):
    assert restarted[proxy].acknowledged_writes > 10
    assert restarted[proxy].failed(*METHODS) == {}
    assert restarted[proxy].wrong() == []


def test_a_reload_loses_no_request(proxy, reloaded):
    assert reloaded[proxy].acknowledged_writes > 10
    assert reloaded[proxy].failed(*METHODS) == {}
    assert reloaded[proxy].wrong() == []


def test_an_instance_that_is_down_costs_no_request_and_no_time(kind, pair, tmp_path):
    with (
        refusing_port() as port,
        kind(tmp_path, [pair[0], SimpleNamespace(port=port)]) as proxy,
        Client(proxy.port) as client,
    ):
        answers = [timed(client, "POST", "/api/half/tasks", {"title": "One"}) for _ in range(20)]
    assert {answer.status for answer, _ in answers} == {201}
    # A proxy that waited for the instance would do so for every second request.
    assert sorted(seconds for _, seconds in answers)[14] < 1


class Dying(ThreadingTCPServer):
    """An instance that dies during each request: it closes the connection without an answer."""

    def __init__(self):
        self.asked = 0
        super().__init__(("127.0.0.1", 0), DyingHandler)
        self.port = self.server_address[1]
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()


class DyingHandler(BaseRequestHandler):
    def handle(self):
        self.server.asked += bool(self.request.recv(65536))


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_an_instance_may_have_done_is_not_asked_of_the_other(kind, tmp_path, method):
    with Dying() as one, Dying() as other:
        with kind(tmp_path, [one, other]) as proxy, Client(proxy.port) as client:
            assert client(method, "/api/half/tasks").status == 502
        one.shutdown()
        other.shutdown()
        assert one.asked + other.asked == 1


# Clients that leave.


def leave(connection):
    """Closes with a reset, as the system does for a killed program that has unread data."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


HEAD = b"POST /api/left/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
PARTS = {
    "half a head": HEAD[:30],
    "no end of the head": HEAD,
    "no body": HEAD + b"Content-Length: 100\r\n\r\n",
    "a body that is too short": HEAD + b'Content-Length: 100\r\n\r\n{"title": "Whole"}',
    "no last chunk": HEAD + b'Transfer-Encoding: chunked\r\n\r\n12\r\n{"title": "Whole"}\r\n',
}


@pytest.mark.parametrize("part", PARTS)
def test_a_client_that_leaves_in_a_request_does_no_harm(proxy, client, unharmed, part):
    for _ in range(10):
        connection = socket.create_connection(("127.0.0.1", proxy.port))
        connection.sendall(PARTS[part])
        time.sleep(0.01)
        leave(connection)
    assert client("GET", "/api/left/tasks").body == []


@pytest.fixture(scope="module")
def long_list(pair):
    """The path to a list of 6 MB. No buffer on the way holds all of it."""
    with Client(pair[0].port) as client:
        for _ in range(200):
            assert client("POST", "/api/long/tasks", {"title": "a", "description": "\x01" * 5000}).status == 201
    return "/api/long/tasks"


def test_a_client_that_leaves_in_an_answer_does_no_harm(proxy, client, unharmed, long_list):
    for _ in range(20):
        connection = socket.create_connection(("127.0.0.1", proxy.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET {long_list} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        leave(connection)
    assert len(client("GET", long_list).body) == 200


# Limits.


def send_slowly(connection, size, is_chunked):
    """Sends pieces of 20 kB. Once the answer refuses the size, the connection may be cut off."""
    framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
    with suppress(ConnectionError):
        connection.sendall(HEAD + framing.encode() + b"\r\n\r\n")
        for _ in range(size // 20_000):
            connection.sendall(b"4e20\r\n" + b" " * 20_000 + b"\r\n" if is_chunked else b" " * 20_000)
            time.sleep(0.001)
        connection.sendall(b"0\r\n\r\n" if is_chunked else b"")


def answer_on(connection):
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        return answer.status, json.load(answer), answer.headers


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_the_limit_is_refused_by_the_service(proxy, unharmed, is_chunked):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as connection:
        send_slowly(connection, 3 * MEGABYTE, is_chunked)
        status, body, headers = answer_on(connection)
    assert (status, body) == (413, {"detail": "The body is larger than 131072 bytes"})
    # No proxy gives its own answers an id: this answer is the service's.
    assert headers["X-Request-ID"]


def test_a_body_over_nginx_own_limit_is_refused_alike(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as connection:
        send_slowly(connection, 5 * MEGABYTE, False)
        assert answer_on(connection)[:2] == (413, {"detail": "The body is larger than 131072 bytes"})


def is_told_to_wait(answer):
    # HAProxy writes the names of its own headers in lower case.
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer[:2] == (429, {"detail": "Too many requests"}) and int(headers["retry-after"]) > 0


def test_log_ins_are_limited(limited):
    answers = [limited("POST", "/admin/login/") for _ in range(15)]
    assert {answer.status for answer in answers[:6]} == {403}
    assert all(is_told_to_wait(answer) for answer in answers[10:])
    assert limited("GET", "/admin/login/").status == 200


@pytest.mark.parametrize("path", ["/admin/login/?next=/admin/", "/admin/%6Cogin/", "http://127.0.0.1/admin/login/"])
def test_a_log_in_by_another_spelling_is_limited(limited, pair, path):
    with Client(pair[0].port) as direct:
        assert direct("GET", path).status == 200
    for _ in range(11):
        limited("POST", "/admin/login/")
    assert is_told_to_wait(limited("POST", path))


def test_eager_clients_are_told_to_wait(limited):
    answers = (limited("GET", "/health") for _ in range(2000))
    assert is_told_to_wait(next(answer for answer in answers if answer.status != 200))
