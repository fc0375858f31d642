"""The database is away: for a few seconds no client notices. For longer, clients get 503, and soon without a wait."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from math import inf

import psycopg
import pytest

from tests.faults.conftest import is_ready
from tests.support.client import Client
from tests.support.load import READS_CREATES_AND_UPDATES, Load
from tests.support.service import Service
from tests.support.waiting import until
from tests.support.wire import parse, read_to_end, request

TASKS = "/api/owner/tasks"
# How long a request to `impatient` waits at the least, if it waits.
WAIT_SECONDS = 2
# It waits for so long, or twice that where a statement and then a connection get no answer. With the usual settings
# it would be 12 s.
GIVEN_UP_SECONDS = 10
# The service tries to connect once a second. A failure that it remembers counts for 30 s.
RECOVERED_SECONDS = 10
UNAVAILABLE = {"detail": "The database is not available, try again soon"}
BUSY = {"detail": "The database is busy, try again soon"}
NO_WRITES = {"detail": "The database takes no writes at the moment, try again soon"}
UNCONFIRMED = {"detail": "The database has not confirmed this, try again soon"}


def timed(client, *request):
    """The answer, and the seconds that it took."""
    begin = time.monotonic()
    return client(*request), time.monotonic() - begin


def assert_unavailable(answer, body=UNAVAILABLE):
    assert (answer.status, answer.body, answer.headers.get("Retry-After")) == (503, body, "2")


def seconds_until_served(client):
    begin = time.monotonic()
    until(lambda: client("GET", TASKS).status == 200)
    return time.monotonic() - begin


@pytest.mark.parametrize("fault", ["stopped", "killed"])
def test_nobody_notices_a_restart(primary, service, fault):
    with Load(service.port) as load:
        time.sleep(0.5)
        with getattr(primary, fault)():
            time.sleep(3)
        back = time.monotonic()
        until(lambda: load.recovery(back) < inf)
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []
    assert load.recovery(back) < RECOVERED_SECONDS


@pytest.mark.parametrize("fault", ["stopped", "killed", "full"])
def test_a_longer_outage_is_told_within_the_deadline_and_then_at_once(primary, impatient, fault):
    with Client(impatient.port) as client:
        with getattr(primary, fault)():
            first, waited = timed(client, "GET", TASKS)
            second, at_once = timed(client, "POST", TASKS, {"title": "a"})
            ready, known = timed(client, "GET", "/health/ready")
        recovered = seconds_until_served(client)
    assert_unavailable(first)
    assert_unavailable(second)
    assert (ready.status, ready.body["status"]) == (503, "unavailable")
    assert waited < GIVEN_UP_SECONDS
    assert max(at_once, known) < WAIT_SECONDS
    assert recovered < RECOVERED_SECONDS


def test_a_server_that_is_frozen_is_given_up_at_the_deadline(primary, impatient):
    with Client(impatient.port) as client:
        # After this each thread has a connection, so the first wait is for a statement.
        assert is_ready(impatient)
        with primary.frozen():
            first_ready = timed(client, "GET", "/health/ready")
            answers = [timed(client, "GET", TASKS) for _ in range(2)]
            ready = timed(client, "GET", "/health/ready")
        recovered = seconds_until_served(client)
    for answer, seconds in answers:
        assert_unavailable(answer)
        assert seconds < GIVEN_UP_SECONDS
    for answer, seconds in (first_ready, ready):
        assert (answer.status, answer.body["status"]) == (503, "unavailable")
        assert seconds < GIVEN_UP_SECONDS
    assert recovered < RECOVERED_SECONDS


@contextmanager
def with_two_threads(primary, folder, seconds):
    """The service with two threads, in which a request waits for the database for so many seconds."""
    few = {
        "SCRIPT_NAME": "/svc",
        "WEB_CONCURRENCY": "1",
        "GUNICORN_CMD_ARGS": "--threads 2",
        "DATABASE_WAIT_SECONDS": str(seconds),
    }
    with Service(primary.url(), folder / "log", **few) as service:
        workers = service.workers()
        yield service
        until(lambda: is_ready(service))
        assert service.workers() == workers


@contextmanager
def asked_by(count, service):
    """The answers that as many clients wait for, each with its seconds."""
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(count))
        clients = [stack.enter_context(Client(service.port, timeout=90)) for _ in range(count)]
        yield [threads.submit(timed, client, "GET", TASKS) for client in clients]


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_requests_that_wait_hold_no_thread_for_longer(primary, running, tmp_path, fault):
    with (
        with_two_threads(primary, tmp_path, seconds=2) as service,
        getattr(primary, fault)(),
        asked_by(24, service) as waiting,
        Client(service.port) as other,
    ):
        healthy = [other("GET", "/health").status for _ in range(5)]
        answers = [answer.result() for answer in waiting]
    assert healthy == [200] * 5
    for answer, _ in answers:
        assert_unavailable(answer)
    # If each request in turn waited for 2 s, the last one would be answered after 24 s.
    assert 1 < max(seconds for _, seconds in answers) < 12


def test_liveness_is_all_that_is_answered_while_no_thread_can(primary, running, tmp_path):
    behind = b"".join(request("GET", path) for path in ("/health", "/health/ready", TASKS, "/health"))
    with with_two_threads(primary, tmp_path, seconds=60) as service, ExitStack() as stack:
        with primary.stopped():
            waiting = stack.enter_context(asked_by(12, service))
            pipelines = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port))) for _ in range(40)]
            for pipeline in pipelines:
                pipeline.sendall(behind)
            other = stack.enter_context(Client(service.port))
            healthy = [other("GET", path) for path in ("/health", "/health?from=balancer", "/svc/health") * 4]
            firsts = [parse(pipeline.recv(65536)) for pipeline in pipelines]
            early = [answer.result() for answer in waiting if answer.done()]
        assert [(answer.status, answer.body) for answer in healthy] == [(200, {"status": "healthy"})] * 12
        assert [[answer.body for answer in first] for first in firsts] == [[b'{"status":"healthy"}']] * 40
        assert early == []
        assert {answer.result()[0].status for answer in waiting} == {200}
        for pipeline in pipelines:
            pipeline.shutdown(socket.SHUT_WR)
            ready, tasks, health = parse(read_to_end(pipeline, time.monotonic() + 60))
            assert {ready.status, tasks.status} <= {200, 503}
            assert health.status == 200


# Errors that waiting does not cure


@pytest.fixture(scope="module")
def locked_out(primary, tmp_path_factory):
    """A client of a service with its own role, password and database. A test makes one of these wrong."""
    primary.execute("CREATE ROLE app LOGIN PASSWORD 'right'")
    primary.execute("CREATE DATABASE app OWNER app")
    rules = primary.data / "pg_hba.conf"
    rules.write_text("host all app 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    primary.execute("SELECT pg_reload_conf()")
    url = f"postgresql://app:right@127.0.0.1:{primary.port}/app"
    with Service(url, tmp_path_factory.mktemp("locked_out") / "log") as service, Client(service.port) as client:
        yield client


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ALTER ROLE app PASSWORD 'wrong'", "ALTER ROLE app PASSWORD 'right'"),
        ("ALTER DATABASE app RENAME TO renamed", "ALTER DATABASE renamed RENAME TO app"),
        ("ALTER ROLE app NOLOGIN", "ALTER ROLE app LOGIN"),
    ],
    ids=["wrong password", "unknown database", "no right to log in"],
)
def test_what_no_waiting_cures_is_not_waited_for(primary, locked_out, wrong, right):
    assert locked_out("GET", TASKS).status == 200
    primary.terminate("datname = 'app'")
    primary.execute(wrong)
    try:
        answer, seconds = timed(locked_out, "GET", TASKS)
    finally:
        primary.execute(right)
    assert_unavailable(answer)
    # Others are waited for: 12 s, as usual.
    assert seconds < GIVEN_UP_SECONDS
    assert locked_out("GET", TASKS).status == 200


def test_the_harness_takes_every_connection(primary, service):
    with primary.full(), pytest.raises(psycopg.OperationalError, match="too many clients"):
        primary.connect()


@pytest.mark.parametrize("again", range(2))
def test_a_server_that_the_test_before_has_left_dead_is_back(primary, again):
    assert primary.execute("SELECT 1") == [(1,)]
    primary.kill()
