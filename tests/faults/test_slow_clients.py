"""Clients that send slowly, never end or leave: they hold nothing for long, and other clients are served."""

import re
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from testbed.processes import peak_rss_bytes, reset_peak_rss, rss_bytes
from tests.faults.test_outages import timed
from tests.hostile.slow import HEAD, KINDS
from tests.support.client import Client

REQUEST_TIMEOUT = 10
# Who waits for a slow client waits until that is closed.
KEPT_WAITING_SECONDS = REQUEST_TIMEOUT / 2
CLIENTS = 200


def is_closed(connection, said):
    """Whether the service has ended the connection. What it has sent so far is added to `said`."""
    try:
        while data := connection.recv(65536):
            said += data
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def dribble(connection, data):
    try:
        connection.send(data)
    except OSError:
        return


@pytest.fixture
def slow_clients(service):
    """200 connections, of all kinds in turn, each with what it sends every second and what it has received so far."""
    with ExitStack() as stack:
        clients = []
        for number in range(CLIENTS):
            first, rest = KINDS[number % len(KINDS)]
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
            connection.sendall(first)
            connection.setblocking(False)
            clients.append((connection, rest, bytearray()))
        yield clients


def test_two_hundred_slow_clients_keep_nobody_from_being_served_and_are_closed_in_time(service, slow_clients):
    begin, waits, open_clients = time.monotonic(), [], slow_clients
    with Client(service.port) as client:
        while open_clients and time.monotonic() < begin + 5 * REQUEST_TIMEOUT:
            for connection, rest, _ in open_clients:
                dribble(connection, rest)
            answer, seconds = timed(client, "POST", "/api/quick/tasks", {"title": "Served"})
            assert answer.status == 201
            waits.append(seconds)
            time.sleep(1)
            open_clients = [client for client in open_clients if not is_closed(client[0], client[2])]
        assert client("GET", "/api/slow/tasks").body == []
    assert open_clients == []
    assert max(waits) < KEPT_WAITING_SECONDS
    assert time.monotonic() - begin >= REQUEST_TIMEOUT - 2
    told = {tuple(re.findall(rb"HTTP/1.1 (\d+) ", said)) for _, _, said in slow_clients}
    # A client that has sent nothing gets nothing. All others get a status that says why.
    assert told == {(), (b"408",), (b"100", b"408"), (b"200", b"408"), (b"413",), (b"431",)}


ENDLESS = {
    "a size line": (b"5;", b"a" * 65536),
    "trailers": (b"0\r\n", b"X: a\r\n" * 10_000),
    "chunks": (b"", b"1\r\n \r\n" * 10_000),
    "a chunk": (b"ffffffff\r\n", b" " * 65536),
}


@pytest.mark.parametrize("endless", ENDLESS)
def test_a_body_without_an_end_is_not_kept(service, endless):
    first, rest = ENDLESS[endless]
    before = {worker: rss_bytes(worker) for worker in service.workers()}
    for worker in before:
        reset_peak_rss(worker)
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + first)
        with suppress(OSError):
            for _ in range(64 * 2**20 // len(rest)):
                connection.sendall(rest)
    grown = {worker: peak_rss_bytes(worker) - size for worker, size in before.items()}
    assert max(grown.values()) < 16 * 1024**2
    with Client(service.port) as client:
        assert client("GET", "/health").status == 200


def test_a_client_that_takes_no_answer_holds_no_other_up(service):
    """Each client sends a hundred requests at once and reads nothing, so the answers fill every buffer on the way."""
    with Client(service.port) as client:
        client("POST", "/api/large/tasks", {"title": "a", "description": "a" * 5000})
        request = b"GET /api/large/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with ExitStack() as stack:
            for _ in range(40):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(request * 100)
            time.sleep(0.5)
            answer, seconds = timed(client, "GET", "/api/quick/tasks/none")
        assert (answer.status, seconds < KEPT_WAITING_SECONDS) == (404, True)
