"""Locks and statements that last: clients that wait for them get 503 in time, and all others are served meanwhile."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.test_outages import BUSY, assert_unavailable, timed
from tests.support.client import Client

TASKS = "/api/owner/tasks"


@pytest.fixture
def hasty(impatient):
    """A client of a service with a lock time-out of 0.5 s and a statement time-out of 1 s."""
    with Client(impatient.port) as client:
        yield client


@pytest.fixture
def task(hasty):
    return hasty("POST", TASKS, {"title": "Old"}).body


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [("PUT", "", {"title": "New"}), ("PATCH", "/complete", None), ("DELETE", "", None)],
)
def test_a_row_locked_by_another_is_given_up_and_stays_what_it_was(primary, hasty, task, method, suffix, body):
    with primary.locked(task["id"]):
        answer, seconds = timed(hasty, method, f"{TASKS}/{task['id']}{suffix}", body)
    assert_unavailable(answer, BUSY)
    assert 0.4 < seconds < 2
    assert hasty("GET", f"{TASKS}/{task['id']}").body == task


def test_others_are_served_while_a_row_is_locked(primary, service, client):
    locked, other = (client("POST", TASKS, {"title": "Old"}).body["id"] for _ in range(2))
    with Client(service.port) as waiting_client, ThreadPoolExecutor(1) as thread, primary.locked(locked):
        waiting = thread.submit(waiting_client, "DELETE", f"{TASKS}/{locked}")
        statuses = [client("PUT", f"{TASKS}/{other}", {"title": str(number)}).status for number in range(10)]
        assert not waiting.done()
    assert statuses == [200] * 10


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_slow_statement_is_cut_and_leaves_nothing(primary, hasty, task, method):
    before = hasty("GET", TASKS).body
    target = TASKS if method == "POST" else f"{TASKS}/{task['id']}"
    with primary.slow(20):
        answer, seconds = timed(hasty, method, target, {"title": "New"})
    assert_unavailable(answer, BUSY)
    assert 0.9 < seconds < 5
    assert hasty("GET", TASKS).body == before


def test_a_locked_table_is_given_up_by_readers_too(primary, hasty):
    with primary.locked_table():
        answer, seconds = timed(hasty, "GET", TASKS)
    assert_unavailable(answer, BUSY)
    assert seconds < 2


def test_without_being_set_a_lock_is_waited_for_2_seconds_and_a_statement_5(primary, client):
    task = client("POST", TASKS, {"title": "Old"}).body
    with primary.locked(task["id"]):
        answer, waited = timed(client, "DELETE", f"{TASKS}/{task['id']}")
    with primary.slow(20):
        slow, cut = timed(client, "DELETE", f"{TASKS}/{task['id']}")
    for each in (answer, slow):
        assert_unavailable(each, BUSY)
    assert 1.9 < waited < 5
    assert 4.9 < cut < 12
    assert client("GET", f"{TASKS}/{task['id']}").body == task


def test_an_operation_is_one_statement_and_nothing_else(primary, client):
    """No health check comes before the statement, and no BEGIN around it. PostgreSQL's log shows what it executed."""
    # A connection that is a minute old drops its plans before a statement.
    primary.terminate()
    task = client("POST", TASKS, {"title": "Old"}).body
    place = f"{TASKS}/{task['id']}"
    with primary.configured("log_statement", "all"):
        time.sleep(0.3)
        begin = len(primary.log())
        for request in [
            ("POST", TASKS, {"title": "Another"}),
            ("POST", TASKS, {"title": "Another"}, {"Idempotency-Key": task["id"]}),
            ("POST", f"{TASKS}/batch", {"tasks": [{"title": "First"}, {"title": "Second"}]}),
            ("GET", TASKS),
            ("GET", place),
            ("PUT", place, {"title": "New"}, {"If-Match": f'"{task["updated_at"]}"'}),
            ("PATCH", f"{place}/complete"),
            ("DELETE", place),
            ("PATCH", f"{TASKS}?q=another", {"is_completed": True}),
            ("DELETE", f"{TASKS}?q=another"),
        ]:
            assert client(*request).status in (200, 201)
        sent = [line for line in primary.log()[begin:].splitlines() if "LOG:  execute" in line or "statement:" in line]
    words = [re.sub("^.*?LOG:  (execute [^:]+|statement): ", "", line).split(" ")[0] for line in sent]
    assert words == [*["INSERT"] * 3, "SELECT", "SELECT", "UPDATE", "UPDATE", "DELETE", "UPDATE", "DELETE"]
