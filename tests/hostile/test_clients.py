"""Clients that send anything and leave answers unread: others are served meanwhile, and the workers keep nothing.

Some tests have hundreds of clients. What each client does is bounded in count and time.
"""

import json
import os
import resource
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest

from testbed.processes import descriptors, rss_bytes, threads
from tests.faults.test_outages import timed
from tests.faults.test_slow_clients import KEPT_WAITING_SECONDS
from tests.hostile.slow import (
    EVERY_SECONDS,
    KINDS,
    LONG,
    LONG_BYTES,
    LONG_TASKS,
    SlowReaders,
    connected,
    create_long_list,
)
from tests.support.client import Client
from tests.support.waiting import until
from tests.support.wire import parse, read_to_end, request, with_body

pytestmark = [pytest.mark.run_once("sqlite"), pytest.mark.alone]
RESET = struct.pack("ii", 1, 0)


# The client beside


@pytest.fixture(scope="module")
def service(service, tmp_path_factory):
    create_long_list(service, tmp_path_factory.mktemp("long"))
    return service


@pytest.fixture
def beside(service):
    """A client reads a task again and again during the test. Afterwards the workers must hold what they held before."""
    with Client(service.port) as client:
        task = client("POST", "/api/beside/tasks", {"title": "Beside"}).body
    with ThreadPoolExecutor(4) as clients:
        # The longest answer leaves memory in each thread. It is asked for first, so that this does not count as growth.
        lists = list(clients.map(lambda _: timed_long_list(service), range(12)))
    assert {length for length, _ in lists} == {LONG_TASKS}
    before = kept(service)
    waits = []
    with reading(service, f"/api/beside/tasks/{task['id']}", task, waits):
        yield
    assert waits
    # No longer than for the longest answer on this machine, and not until a slow client is closed.
    assert max(waits) < min(max(1, *(seconds for _, seconds in lists)), KEPT_WAITING_SECONDS)
    until(lambda: is_as_before(service, before))
    with Client(service.port) as client:
        assert client("GET", "/api/quiet/tasks").body == []


def timed_long_list(service):
    """The number of its tasks, and the seconds until it was there."""
    with Client(service.port) as client:
        answer, seconds = timed(client, "GET", "/api/long/tasks")
    return len(answer.body), seconds


@contextmanager
def reading(service, path, task, waits):
    ends, wrong = threading.Event(), []

    def read():
        has_ended = False
        while not has_ended:
            begin = time.monotonic()
            # Each read has a new connection, as a new client's would.
            with Client(service.port, timeout=60) as client:
                answer = client("GET", path)
            waits.append(time.monotonic() - begin)
            wrong.extend([] if answer.body == task else [answer])
            has_ended = ends.wait(EVERY_SECONDS)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
    assert wrong == []


def kept(service):
    """The number of descriptors, of threads, and the memory in bytes, by worker."""
    return {
        worker: (len(descriptors(worker)), len(threads(worker)), rss_bytes(worker))
        for worker in service.listening_workers()
    }


def is_as_before(service, before):
    """Whether the workers are the same and hold no more, but for one descriptor and the memory of three long lists."""
    now = kept(service)
    slack = (1, 0, 3 * LONG_BYTES)
    return now.keys() == before.keys() and all(
        had <= has + more
        for worker in before
        for has, had, more in zip(before[worker], now[worker], slack, strict=True)
    )


# Slow readers


@pytest.mark.parametrize(("count", "apart", "seconds"), [(4, 0, 3), (40, 0.05, 4), (400, 0.08, 33)])
def test_readers_of_4_kilobytes_a_second_keep_nobody_waiting(service, beside, count, apart, seconds):
    with SlowReaders(service, count, apart=apart):
        time.sleep(seconds)
        used = max(rss_bytes(worker) for worker in service.workers())
    # All lists together are up to 4 GB. A worker keeps 64 MiB of them, besides what it computes.
    assert used < 300 * 1024**2


def test_a_reader_of_three_megabytes_a_second_gets_it_all(service, beside):
    with connected(service, received=65536) as reader:
        reader.sendall(LONG.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        received = bytearray()
        while piece := reader.recv(1024 * 1024):
            received += piece
            time.sleep(len(piece) / 3_000_000)
    [answer] = parse(bytes(received))
    assert (answer.status, len(json.loads(answer.body))) == (200, LONG_TASKS)


def test_a_window_that_stays_closed_keeps_nobody_waiting(service, beside):
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(connected(service, received=2048)).sendall(LONG * 20)
        time.sleep(3)


# Floods


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("first", [b"", request("GET", "/health"), b"GET /hea"], ids=["silent", "kept alive", "cut"])
def test_who_comes_when_all_places_are_taken_finds_one(service, many_descriptors, beside, first):
    with ExitStack() as stack:
        for number in range(2_400):
            idle = stack.enter_context(connected(service))
            idle.sendall(first)
            if number % 100 == 0:
                # The client beside runs in this process too, and needs its turn.
                time.sleep(0.02)
        time.sleep(1)


def test_who_comes_when_no_descriptor_is_left_finds_one(service, many_descriptors, beside):
    with ExitStack() as stack:
        for worker in service.listening_workers():
            limits = resource.prlimit(worker, resource.RLIMIT_NOFILE, (200, limits_of(worker)))
            stack.callback(resource.prlimit, worker, resource.RLIMIT_NOFILE, limits)
        for _ in range(600):
            stack.enter_context(connected(service))
        time.sleep(1)


def limits_of(worker):
    return resource.prlimit(worker, resource.RLIMIT_NOFILE)[1]


def test_what_those_ask_who_have_gone_is_not_done(service, beside):
    for _ in range(20):
        with frozen(service):
            for number in range(20):
                with connected(service) as sender:
                    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    sender.sendall(with_body("POST", "/api/reset/tasks", b'{"title": "%d"}' % number) * 20)
    with Client(service.port) as client:
        assert client("GET", "/api/reset/tasks").body == []


@contextmanager
def frozen(service):
    """The workers run no instruction, so that no request begins before its client has left."""
    workers = service.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def test_bodies_that_never_end_are_bounded_in_all(service, many_descriptors, beside):
    head = b"POST /api/endless/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 131072\r\n\r\n"
    with ExitStack() as stack:
        for number in range(1_700):
            sender = stack.enter_context(connected(service))
            with suppress(OSError):
                sender.sendall(head + b" " * 131_000)
            if number % 50 == 0:
                # The client beside runs in this process too, and needs its turn.
                time.sleep(0.02)
        grown = max(rss_bytes(worker) for worker in service.workers())
    assert grown < 200 * 1024**2


# Pipelines


def test_a_pipeline_of_ten_thousand_is_answered_in_order_behind_others(service, beside):
    answers = pipelined(service, [request("GET", f"/api/p/tasks/{n}", f"X-Request-ID: {n}") for n in range(10_000)])
    assert [answer.headers["x-request-id"] for answer in answers] == [str(number) for number in range(10_000)]


def test_a_pipeline_behind_health_keeps_nobody_waiting(service, beside):
    asked = [request("GET", "/health"), request("GET", "/health/ready"), request("GET", "/api/p/tasks")] * 500
    assert {answer.status for answer in pipelined(service, asked)} == {200}


def pipelined(service, asked):
    """The answers. Another thread sends the requests without waiting for any answer."""
    with connected(service) as client:
        sender = threading.Thread(target=lambda: (client.sendall(b"".join(asked)), client.shutdown(socket.SHUT_WR)))
        sender.start()
        client.settimeout(60)
        answers = parse(read_to_end(client, time.monotonic() + 60))
        sender.join()
    assert len(answers) == len(asked)
    return answers


def test_a_byte_at_a_time_is_read_like_any_other(service, beside):
    sent = with_body("POST", "/api/bytewise/tasks", b'{"title": "Byte by byte"}', "Connection: close")
    with ExitStack() as stack:
        senders = [stack.enter_context(connected(service)) for _ in range(20)]
        for byte in sent:
            for sender in senders:
                sender.sendall(bytes([byte]))
            time.sleep(0.005)
        answers = [parse(read_to_end(sender, time.monotonic() + 60)) for sender in senders]
    assert [[answer.status for answer in each] for each in answers] == [[201]] * 20


def test_half_closed_connections_get_their_answers_and_stay_no_longer(service, beside):
    for _ in range(200):
        with connected(service) as client:
            client.sendall(request("GET", "/api/half/tasks") * 3)
            client.shutdown(socket.SHUT_WR)
            assert [answer.body for answer in parse(read_to_end(client, time.monotonic() + 60))] == [b"[]"] * 3


def test_clients_that_leave_in_the_middle_leave_nothing(service, beside):
    begin = time.monotonic()
    for number in range(500):
        with connected(service) as client:
            client.sendall(KINDS[number % len(KINDS)][0])
    with Client(service.port) as client:
        answer = client("GET", "/api/slow/tasks")
    assert (answer.status, answer.body) == (200, [])
    # A thread that waited for each of them would do so for ten seconds, and there are 16.
    assert time.monotonic() - begin < 100
