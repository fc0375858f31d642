"""The database is away: for a few seconds no client notices. For longer, clients get 503, and soon without a wait."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest

from tests.faults.conftest import is_ready
from tests.support.client import Client
from tests.support.load import READS_CREATES_AND_UPDATES, Load
from tests.support.service import Service
from tests.support.waiting import until
from tests.support.wire import parse, read_to_end, request

TASKS = "/api/owner/tasks"
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
        time.sleep(2)
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []
    assert load.recovery(back) < 2


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
    assert waited < 3.5
    assert max(at_once, known) < 1
    assert recovered < 2


def test_a_server_that_is_frozen_is_given_up_at_the_deadline(primary, impatient):
    with Client(impatient.port) as client:
        # After this each thread has a connection, so the first wait is for a statement.
        assert is_ready(impatient)
        with primary.frozen():
            first_ready, at_once = timed(client, "GET", "/health/ready")
            answers = [timed(client, "GET", TASKS) for _ in range(2)]
            ready, known = timed(client, "GET", "/health/ready")
        recovered = seconds_until_served(client)
    for answer, seconds in answers:
        assert_unavailable(answer)
        assert seconds < 3.5
    for answer, seconds, limit in ((first_ready, at_once, 1.5), (ready, known, 3.5)):
        assert (answer.status, answer.body["status"]) == (503, "unavailable")
        assert seconds < limit
    assert recovered < 2


@pytest.fixture
def dozen(impatient):
    """Three times as many clients as the service has threads."""
    with ExitStack() as stack:
        yield [stack.enter_context(Client(impatient.port)) for _ in range(12)]


@pytest.mark.parametrize(("fault", "longest"), [("stopped", 4), ("frozen", 6)])
def test_requests_that_wait_hold_no_thread_for_longer_and_liveness_stays(primary, impatient, dozen, fault, longest):
    # What a process knows of an outage before would shorten its wait.
    until(lambda: is_ready(impatient))
    with ThreadPoolExecutor(12) as threads, Client(impatient.port) as other, getattr(primary, fault)():
        waiting = [threads.submit(timed, client, "GET", TASKS) for client in dozen]
        time.sleep(0.5)
        early = [answer.result() for answer in waiting if answer.done()]
        healthy = [timed(other, "GET", "/health") for _ in range(5)]
        answers = [answer.result() for answer in waiting]
    assert early == []
    assert [(answer.status, answer.body) for answer, _ in healthy] == [(200, {"status": "healthy"})] * 5
    # The time that the other requests wait.
    assert max(seconds for _, seconds in healthy) < 2
    for answer, seconds in answers:
        assert_unavailable(answer)
        assert seconds < longest


def test_liveness_is_all_that_is_answered_while_no_thread_can(primary, impatient, dozen):
    workers = impatient.workers()
    behind = b"".join(request("GET", path) for path in ("/health", "/health/ready", TASKS, "/health"))
    with ThreadPoolExecutor(12) as threads, Client(impatient.port) as other, ExitStack() as stack:
        with primary.frozen():
            waiting = [threads.submit(timed, client, "GET", TASKS) for client in dozen]
            pipelines = [
                stack.enter_context(socket.create_connection(("127.0.0.1", impatient.port))) for _ in range(40)
            ]
            for pipeline in pipelines:
                pipeline.sendall(behind)
            healthy = [timed(other, "GET", path) for path in ("/health", "/health?from=balancer", "/svc/health") * 4]
            for answer in waiting:
                answer.result()
        assert {answer.status for answer, _ in healthy} == {200}
        assert max(seconds for _, seconds in healthy) < 1
        for pipeline in pipelines:
            pipeline.shutdown(socket.SHUT_WR)
            answers = parse(read_to_end(pipeline, time.monotonic() + 20))
            assert [answer.status in (200, 503) for answer in answers] == [True] * 4
            assert [answers[0].status, answers[3].status] == [200, 200]
    assert impatient.workers() == workers


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
    assert seconds < 1
    assert locked_out("GET", TASKS).status == 200


def test_the_harness_takes_every_connection(primary, service):
    with primary.full(), pytest.raises(psycopg.OperationalError, match="too many clients"):
        primary.connect()


@pytest.mark.parametrize("again", range(2))
def test_a_server_that_the_test_before_has_left_dead_is_back(primary, again):
    assert primary.execute("SELECT 1") == [(1,)]
    primary.kill()
