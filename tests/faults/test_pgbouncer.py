"""Everything works through PgBouncer in transaction mode, and the service survives its faults like PostgreSQL's."""

import time

import pytest

from tests.faults.test_outages import (
    BUSY,
    GIVEN_UP_SECONDS,
    RECOVERED_SECONDS,
    WAIT_SECONDS,
    assert_unavailable,
    seconds_until_served,
    timed,
)
from tests.support.client import Client
from tests.support.load import READS_CREATES_AND_UPDATES, Load
from tests.support.pgbouncer import NOT_INSTALLED, PROGRAM, PgBouncer
from tests.support.service import Service

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)


@pytest.fixture(scope="module")
def pgbouncer(primary):
    with PgBouncer(primary.port) as running:
        yield running


@pytest.fixture(scope="module")
def pooled(pgbouncer, running, tmp_path_factory):
    with Service(pgbouncer.url(), tmp_path_factory.mktemp("pooled") / "log") as service:
        yield service
        assert "Traceback" not in service.log.read_text()


def test_all_operations_work(pooled):
    with Load(pooled.port, pause=0) as load:
        time.sleep(1)
    assert load.failed("GET", "POST", "PUT", "PATCH", "DELETE") == {}
    assert load.wrong() == []


def test_nobody_notices_its_restart(pgbouncer, pooled):
    with Load(pooled.port) as load:
        time.sleep(0.5)
        with pgbouncer.stopped():
            time.sleep(2)
        time.sleep(1)
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []


def test_nobody_notices_that_its_connections_are_dropped(primary, pooled):
    with Load(pooled.port) as load:
        for _ in range(5):
            time.sleep(0.3)
            assert primary.terminate() > 0
        time.sleep(0.5)
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []


def test_nobody_notices_a_restart_behind_it(primary, pooled):
    with Load(pooled.port) as load:
        time.sleep(0.5)
        with primary.killed():
            time.sleep(2)
        time.sleep(2)
    assert load.failed(*READS_CREATES_AND_UPDATES) == {}
    assert load.wrong() == []


@pytest.fixture
def impatient_client(pgbouncer, running, tmp_path):
    with (
        Service(pgbouncer.url(), tmp_path / "log", DATABASE_WAIT_SECONDS="2") as service,
        Client(service.port) as client,
    ):
        yield client
        assert "Traceback" not in service.log.read_text()


def test_a_longer_outage_behind_it_is_told_within_the_deadline_and_then_at_once(primary, impatient_client):
    with primary.stopped():
        first, waited = timed(impatient_client, "GET", "/api/owner/tasks")
        second, at_once = timed(impatient_client, "POST", "/api/owner/tasks", {"title": "a"})
        ready, known = timed(impatient_client, "GET", "/health/ready")
    recovered = seconds_until_served(impatient_client)
    assert_unavailable(first)
    assert_unavailable(second)
    assert (ready.status, ready.body["status"]) == (503, "unavailable")
    assert 1 < waited < GIVEN_UP_SECONDS
    assert max(at_once, known) < WAIT_SECONDS
    assert recovered < RECOVERED_SECONDS


def test_the_roles_time_outs_count(primary, pooled):
    primary.execute("ALTER ROLE postgres SET lock_timeout = '500ms'")
    primary.terminate()
    with Client(pooled.port) as client:
        task = client("POST", "/api/owner/tasks", {"title": "Old"}).body
        with primary.locked(task["id"]):
            answer, seconds = timed(client, "DELETE", f"/api/owner/tasks/{task['id']}")
    primary.execute("ALTER ROLE postgres RESET lock_timeout")
    assert_unavailable(answer, BUSY)
    assert seconds < 2
