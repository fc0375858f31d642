"""The service on a real socket: what a client inside the same process cannot see."""

import json
import os
import re
import resource
import secrets
import select
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from testbed.processes import cpu_seconds, descriptors, is_socket, threads
from tests.conftest import JSON
from tests.http.test_security import HEADERS
from tests.support.client import connect, create, parsed, post, send, send_bytes, tasks
from tests.support.service import ROOT
from tests.support.waiting import until

BODY_LIMIT = 128 * 1024
NOT_A_USER_ID = {
    "detail": [
        {
            "loc": ["path", "user_id"],
            "msg": "A user id is UTF-8 without control characters and slashes",
            "type": "value_error",
        }
    ]
}


@pytest.fixture
def user_id():
    return f"live-{secrets.token_hex(4)}"


@pytest.fixture
def connection(service):
    with connect(service) as connection:
        yield connection


# Connections


@pytest.fixture
def workers(service):
    return service.listening_workers()


@pytest.mark.alone
@pytest.mark.own_worker
@pytest.mark.run_once("sqlite")
def test_connections_go_to_the_workers_in_turn(service, workers):
    with ExitStack() as stack:
        counts = [sockets(workers)]
        for _ in range(201):
            until(lambda: all(map(is_in_the_queue, workers)))
            send(stack.enter_context(connect(service)), "GET", "/health")
            counts.append(sockets(workers))
    taken_by_first = [after[0] - before[0] for before, after in pairwise(counts)]
    # Each worker goes to the end of the queue once a second, which breaks the turn: four times in the two seconds that
    # this takes, and 40 times on a machine ten times slower. By chance 100 of 200 would be in turn, with a standard
    # deviation of 7: 150 come in turn by chance less than once in a million million runs.
    assert sum(before != after for before, after in pairwise(taken_by_first)) >= 150


def is_in_the_queue(worker):
    """Whether the worker has registered for the next connection, among others who get one each (EPOLLEXCLUSIVE)."""
    return any(
        int(mask, 16) & select.EPOLLEXCLUSIVE
        for file in Path(f"/proc/{worker}/fdinfo").iterdir()
        for mask in re.findall(r"^tfd:.*events: *(\w+)", text_of(file), re.MULTILINE)
    )


def text_of(file):
    """Empty where the descriptor was closed after it was listed."""
    with suppress(FileNotFoundError):
        return file.read_text()
    return ""


@pytest.mark.alone
@pytest.mark.own_worker
@pytest.mark.run_once("sqlite")
def test_connections_that_come_at_once_are_shared_on_one_core_too(service, workers):
    cores = os.sched_getaffinity(0)
    with ExitStack() as stack:
        for thread in set.union(*map(threads, workers)):
            os.sched_setaffinity(thread, {min(cores)})
            stack.callback(os.sched_setaffinity, thread, cores)
        lesser = [min(taken_of_burst(service, workers)) for _ in range(8)]
    # If a worker keeps the core for itself, the other one gets 8 to 20 of 60 on average.
    assert sum(lesser) / len(lesser) >= 25


def taken_of_burst(service, workers):
    """How many of 60 connections each worker has taken."""
    before = sockets(workers)
    with ExitStack() as stack:
        for _ in range(60):
            connecting = stack.enter_context(socket.socket())
            connecting.setblocking(False)
            connecting.connect_ex(("127.0.0.1", service.port))
        until(lambda: sum(sockets(workers)) >= sum(before) + 60)
        taken = [after - former for after, former in zip(sockets(workers), before, strict=True)]
    until(lambda: sum(sockets(workers)) <= sum(before))
    return taken


def sockets(workers):
    """How many sockets each worker has."""
    return [sum(is_socket(worker, descriptor) for descriptor in descriptors(worker)) for worker in workers]


@pytest.mark.own_worker
@pytest.mark.run_once("sqlite")
def test_out_of_descriptors_they_wait_and_cost_nothing(service, workers):
    limits = [resource.prlimit(worker, resource.RLIMIT_NOFILE) for worker in workers]
    for worker, (_, hard) in zip(workers, limits, strict=True):
        # The next descriptor always gets the lowest free number, so this limit leaves five.
        free = sorted(set(range(hard)) - descriptors(worker))
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (free[5], hard))
    with ExitStack() as stack:
        for worker, limit in zip(workers, limits, strict=True):
            stack.callback(resource.prlimit, worker, resource.RLIMIT_NOFILE, limit)
        waiting = [stack.enter_context(connect(service)) for _ in range(30)]
        for connection in waiting:
            connection.connection.connect()
        before = sum(map(cpu_seconds, workers))
        time.sleep(1)
        assert sum(map(cpu_seconds, workers)) - before < 0.2
        for connection in waiting[:25]:
            connection.close()
        assert {send(connection, "GET", "/health")[0] for connection in waiting[25:]} == {200}


# One packet


@pytest.mark.own_worker
@pytest.mark.parametrize("path", ["/health", "/api/of-one-packet/tasks", "/api/of-one-packet/tasks/none"])
def test_head_and_body_come_at_once(service, path):
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        for _ in range(30):
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head, _, body = peer.recv(65536).partition(b"\r\n\r\n")
            assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
            assert body


def test_a_long_answer_comes_whole(connection, service, user_id):
    for number in range(20):
        create(service, user_id, f"Task {number}", description="x" * 5_000)
    status, body = send(connection, "GET", f"/api/{user_id}/tasks")
    assert (status, len(json.loads(body))) == (200, 20)
    assert send(connection, "GET", "/health") == (200, b'{"status":"healthy"}')


def test_a_streamed_answer_comes_whole(connection, service, user_id):
    command = [sys.executable, "manage.py", "seed_tasks", "--user-id", user_id, "--tasks", "4500"]
    subprocess.run(command, cwd=ROOT, env=service.environment, check=True, stdout=subprocess.DEVNULL)
    status, body = send(connection, "GET", f"/api/{user_id}/tasks")
    assert status == 200
    assert len({task["id"] for task in json.loads(body)}) == 4500
    logged = len(service.log.read_text())
    assert send(connection, "HEAD", f"/api/{user_id}/tasks") == (200, b"")
    assert send(connection, "GET", "/health") == (200, b'{"status":"healthy"}')
    assert "no-body" not in service.log.read_text()[logged:]


# HEAD


def head_and_body(answer):
    """The status line with the headers, and the body. Headers that differ even between two GETs are left out."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return [line for line in lines if not line.startswith(("Date:", "Expires:", "Set-Cookie:"))], body


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/health/ready",
        "/favicon.ico",
        "/openapi.json",
        "/docs",
        "/redoc",
        "/static/admin/css/base.css",
        "/admin/login/",
        "/api/of-head/tasks",
        "/api/of-head/tasks/{task_id}",
        "/api/of-head/tasks/none",
        "/api/%00/tasks",
        "/nothing",
    ],
)
def test_head_answers_as_get_without_the_body(service, path):
    path = path.format(task_id=create(service, "of-head", "A task")["id"])
    request = f"{{}} {path} HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: one\r\nConnection: close\r\n\r\n"
    head, body = head_and_body(send_bytes(service, request.format("GET").encode()))
    assert f"Content-Length: {len(body)}" in head
    assert head_and_body(send_bytes(service, request.format("HEAD").encode())) == (head, b"")


# Bodies


def body_of(size):
    """A valid task of this many bytes. The service ignores the member that pads it."""
    frame = '{"title": "Padded", "padding": "%s"}'
    return (frame % ("x" * (size - len(frame) + 2))).encode()


def in_chunks(body, size=50_000):
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("framed", [bytes, in_chunks], ids=["content-length", "chunked"])
def test_body_at_the_limit_is_taken(connection, user_id, framed):
    status, body = send(connection, "POST", f"/api/{user_id}/tasks", framed(body_of(BODY_LIMIT)))
    assert (status, json.loads(body)["title"]) == (201, "Padded")


@pytest.mark.own_worker
@pytest.mark.parametrize("framed", [bytes, in_chunks], ids=["content-length", "chunked"])
@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 3_000_000])
def test_body_over_the_limit_is_413_and_the_connection_goes_on(connection, user_id, framed, size):
    answer = send(connection, "POST", f"/api/{user_id}/tasks", framed(body_of(size)))
    assert answer == (413, b'{"detail":"The body is larger than 131072 bytes"}')
    assert send(connection, "GET", f"/api/{user_id}/tasks") == (200, b"[]")


def test_body_that_nobody_reads_leaves_the_connection_usable(connection):
    assert send(connection, "POST", "/nothing", b"x" * 10_000)[0] == 404
    assert send(connection, "GET", "/health") == (200, b'{"status":"healthy"}')


def test_chunked_body_is_read_like_any_other(service, user_id):
    chunks = b'9\r\n{"title":\r\n9;a=b\r\n"Chunked"\r\n1\r\n}\r\n0\r\n\r\n'
    status, task = parsed(send_bytes(service, post(user_id, "Transfer-Encoding: chunked", chunks)))
    assert (status, task["title"]) == (201, "Chunked")
    assert tasks(service, user_id) == [task]


def test_completion_flips_by_an_empty_chunked_body(service, connection, user_id):
    task = create(service, user_id, "Flipped by nothing")
    path = f"/api/{user_id}/tasks/{task['id']}/complete"
    status, body = send(connection, "PATCH", path, iter([]))
    assert (status, json.loads(body)["is_completed"]) == (200, True)


def test_body_shorter_than_its_length_is_422_though_complete_as_json(service, user_id):
    answer = send_bytes(service, post(user_id, "Content-Length: 30", b'{"title": "Cut"}'), cut=True)
    problem = {"loc": ["body", 16], "msg": "The body is shorter than its Content-Length", "type": "json_invalid"}
    assert parsed(answer) == (422, {"detail": [problem]})
    assert tasks(service, user_id) == []


@pytest.mark.parametrize(
    "chunks", [b'10\r\n{"title": "Cut"}\r\n', b'10\r\n{"tit', b'zz\r\n{"title": "Cut"}\r\n0\r\n\r\n']
)
def test_chunks_cut_short_or_malformed_are_422(service, user_id, chunks):
    answer = send_bytes(service, post(user_id, "Transfer-Encoding: chunked", chunks), cut=True)
    problem = {"loc": ["body", 0], "msg": "The chunks are malformed", "type": "json_invalid"}
    assert parsed(answer) == (422, {"detail": [problem]})
    assert tasks(service, user_id) == []


@pytest.mark.parametrize("length", ["{:025}", "{:01000}"])
def test_body_that_comes_later_is_no_request_of_its_own(service, user_id, length):
    body = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST /api/{user_id}/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
    request = f"{head}Content-Length: {length.format(len(body))}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        peer.sendall(request)
        time.sleep(0.2)
        peer.sendall(body)
        peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answers:
            said = answers.read()
    assert said.count(b"HTTP/1.1 ") == 1
    assert parsed(said)[0] == 422


@pytest.mark.parametrize("length", ["{:025}", "{:01000}"])
def test_body_that_comes_after_its_head_is_read(service, user_id, length):
    body = b'{"title": "Later"}'
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        peer.sendall(post(user_id, f"Content-Length: {length.format(len(body))}", b""))
        time.sleep(0.2)
        peer.sendall(body)
        with peer.makefile("rb") as answer:
            status, task = parsed(answer.read())
    assert (status, task["title"]) == (201, "Later")


def sent_and_told(service, *pieces):
    """Sends the pieces with a pause between them. Returns all that comes back until the service closes."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        for piece in pieces[:-1]:
            peer.sendall(piece)
            time.sleep(0.3)
        peer.sendall(pieces[-1])
        return peer.makefile("rb").read()


def expecting(user_id, length=14, version="1.1"):
    head = f"POST /api/{user_id}/tasks HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n"
    return f"{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode()


def statuses(answers):
    return [int(status) for status in re.findall(rb"HTTP/1\.\d (\d+)", answers)]


def test_body_is_asked_for_behind_a_pipelined_request_too(service, user_id):
    first = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as peer:
        peer.sendall(first + expecting(user_id))
        told = b""
        while b" 100 " not in told:
            told += peer.recv(65536)
        peer.sendall(b'{"title": "A"}')
        assert statuses(told + peer.makefile("rb").read()) == [200, 100, 201]


@pytest.mark.own_worker
def test_body_that_is_too_large_is_not_asked_for(service, user_id):
    assert statuses(send_bytes(service, expecting(user_id, length=1_300_000))) == [413]


def test_client_of_http_1_0_is_sent_no_100(service, user_id):
    told = sent_and_told(service, expecting(user_id, version="1.0"), b'{"title": "A"}')
    assert statuses(told) == [201]


@pytest.mark.own_worker
@pytest.mark.parametrize("options", ["close", "TE, close", "keep-alive, Close", "close,TE"])
def test_connection_is_closed_where_that_is_one_of_its_options(service, options):
    request = f"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: {options}\r\n\r\n"
    answer = send_bytes(service, request.encode())
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize(
    "request_", [b"GARBAGE\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]
)
def test_refusal_of_what_is_no_request_is_as_safe_as_an_answer(service, request_):
    head = send_bytes(service, request_).partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in head)
    assert headers.keys() >= {"Date", "Content-Security-Policy"}
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


# Paths and hosts


@pytest.mark.parametrize(
    ("segment", "user_id"),
    [
        ("%F0%9F%98%80", "😀"),
        ("%22it%27s%22", '"it\'s"'),
        ("a%20b", "a b"),
        ("%20a%20", " a "),
        ("a.b", "a.b"),
        ("%2E%2E", ".."),
        ("a+b", "a+b"),
        ("a%3Fb%23c%3Bd", "a?b#c;d"),
        ("%25FF", "%FF"),
        ("%252F", "%2F"),
        ("%C3%A9", "é"),
        ("e%CC%81", "e\u0301"),
        ("%F0%9F%98%80" * 255, "😀" * 255),
    ],
)
def test_user_id_is_percent_decoded_and_its_location_leads_back(service, connection, segment, user_id):
    answer = connection("POST", f"/api/{segment}/tasks", {"title": "Mine"})
    task = answer.body
    assert (answer.status, task["user_id"]) == (201, user_id)
    status, body = send(connection, "GET", answer.headers["Location"])
    assert (status, json.loads(body)) == (200, task)
    assert task in tasks(service, segment)


@pytest.mark.parametrize("segment", ["%2F", "a%2Fb", "a%2fb", "%ff", "%FF", "%C0%AF", "%ED%A0%80", "%00", "%0A", "%7F"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_user_id_that_is_none_is_422(connection, segment, method):
    body = '{"title": "Nobody\'s"}' if method == "POST" else None
    status, answer = send(connection, method, f"/api/{segment}/tasks", body)
    assert (status, json.loads(answer)) == (422, NOT_A_USER_ID)


def test_byte_that_is_not_utf8_is_not_the_user_whose_name_spells_it(service, connection):
    task = create(service, "%25FF", "Of the user %FF")
    assert task["user_id"] == "%FF"
    assert send(connection, "GET", f"/api/%FF/tasks/{task['id']}")[0] == 422


@pytest.mark.parametrize(("version", "status"), [pytest.param("1.1", 400, marks=pytest.mark.own_worker), ("1.0", 200)])
def test_host_may_be_left_out_before_http_1_1_alone(service, version, status):
    request = f"GET /health HTTP/{version}\r\nConnection: close\r\n\r\n"
    assert parsed(send_bytes(service, request.encode()))[0] == status


@pytest.mark.parametrize(
    ("target", "host", "status"), [("localhost", "evil.example", 200), ("evil.example", "localhost", 400)]
)
def test_host_in_the_target_is_the_one_that_counts(service, target, host, status):
    request = f"GET http://{target}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert parsed(send_bytes(service, request.encode()))[0] == status


@pytest.mark.parametrize("path", ["/", "/admin/", "/static/admin/css/base.css", "/api/owner/tasks"])
def test_unknown_host_is_400(connection, path):
    answer = send(connection, "GET", path, Host="evil.example")
    assert answer == (400, b'{"detail":"This host is not in ALLOWED_HOSTS"}')
