"""A pair of servers: the standby has each write that the primary acknowledges, and may take over at any moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from math import inf

import pytest
from django.db import connection

from tests.faults.test_outages import RECOVERED_SECONDS, UNCONFIRMED, assert_unavailable
from tests.faults.test_read_only import STATUSES, writes
from tests.support.client import Client
from tests.support.load import READS_CREATES_AND_UPDATES, Load
from tests.support.pair import Pair
from tests.support.service import Service
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="a fault of PostgreSQL")
TASKS = "/api/owner/tasks"
ROUNDS = 3


@pytest.fixture(scope="module")
def pair():
    with Pair() as pair:
        yield pair


@pytest.fixture(scope="module")
def replicated(pair, tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicated")
    with Service(pair.url(), folder / "log") as service:
        yield service
        assert "Traceback" not in service.log.read_text()


@pytest.fixture
def client(replicated):
    with Client(replicated.port) as client:
        yield client


@pytest.fixture
def task(client):
    return client("POST", TASKS, {"title": "Old"}).body


def cancel_the_wait_for_the_standby(primary):
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    until(lambda: primary.execute(cancel))


def test_a_write_that_the_standby_may_not_have_is_not_acknowledged(pair, client, task):
    with pair.standby.stopped(), ThreadPoolExecutor(1) as thread:
        for write in writes(task):
            answer = thread.submit(client, *write)
            cancel_the_wait_for_the_standby(pair.primary)
            assert_unavailable(answer.result(), UNCONFIRMED)
    assert client("POST", TASKS, {"title": "New"}).status == 201


def test_no_acknowledged_write_is_lost_when_the_primary_dies(pair, replicated):
    with Load(replicated.port) as load:
        for _ in range(ROUNDS):
            time.sleep(0.5)
            pair.fail_over()
            promoted = time.monotonic()
            until(lambda since=promoted: load.recovery(since) < inf)
            assert load.recovery(promoted) < RECOVERED_SECONDS
            pair.replicate()
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []


def test_a_write_to_a_demoted_primary_finds_the_new_one(pair, client, task):
    *others, delete_all = writes(task)
    with pair.primary.read_only():
        pair.take_over()
        answers = [client(*write) for write in others]
        created = pair.primary.execute(f"SELECT title FROM tasks_task WHERE id = '{answers[0].body['id']}'")
        answers.append(client(*delete_all))
    assert [answer.status for answer in answers] == STATUSES
    assert created == [("New",)]
    pair.standby.stop("immediate")
    pair.replicate()
