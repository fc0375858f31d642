"""A server behind the database is lost or frozen, such as a worker of Citus: others than its users are served."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from threading import Event

import pytest
from django.db import OperationalError, connection, connections

from tests.faults.conftest import is_ready
from tests.faults.test_outages import BUSY, assert_unavailable
from tests.support.client import Client
from tests.support.proxy import Proxy
from tests.support.service import Service
from tests.support.waiting import until
from todo_project.database.postgresql.outage import outage

LOST, OTHER = "/api/lost/tasks", "/api/other/tasks"
SERVICE = "SELECT pid FROM pg_stat_activity WHERE application_name = 'backend-task-service' ORDER BY pid"
# The tasks of "lost" are on a server that has a fault, the first times that PostgreSQL asks it.
BREAK = """
CREATE SEQUENCE attempts;
CREATE FUNCTION reach(owner text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF owner = 'lost' AND nextval('attempts') <= {times} THEN
        {fault};
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION reach_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM reach(NEW.user_id);
    RETURN NEW;
END $$;
CREATE TRIGGER reach BEFORE INSERT ON tasks_task FOR EACH ROW EXECUTE FUNCTION reach_new();
ALTER TABLE tasks_task RENAME TO tasks_behind;
CREATE VIEW tasks_task AS SELECT * FROM tasks_behind WHERE reach(user_id);
"""
MEND = """
DROP VIEW tasks_task;
ALTER TABLE tasks_behind RENAME TO tasks_task;
DROP FUNCTION reach_new CASCADE;
DROP FUNCTION reach;
DROP SEQUENCE attempts;
"""
IS_LOST = "RAISE EXCEPTION 'connection to the remote node failed' USING ERRCODE = '08006'"
# This is how a server that is shut down ends the statements of the one in front of it.
IS_SHUT_DOWN = IS_LOST.replace("08006", "57P01")
IS_SLOW = "PERFORM pg_sleep(4)"
SAFE = [
    ("GET", "", None),
    ("PUT", "", {"title": "New"}),
    ("PATCH", "/complete", {"is_completed": True}),
]
UNSAFE = [("PATCH", "/complete", None), ("DELETE", "", None)]


@contextmanager
def broken(primary, fault=IS_LOST, times=1_000_000):
    primary.execute(BREAK.format(fault=fault, times=times))
    try:
        yield
    finally:
        primary.execute(MEND)


def attempts(primary):
    return primary.execute("SELECT last_value FROM attempts")[0][0]


@pytest.fixture
def task(client):
    return client("POST", LOST, {"title": "Old"}).body


@pytest.mark.parametrize("fault", [IS_LOST, IS_SHUT_DOWN], ids=["lost", "shut down"])
@pytest.mark.parametrize(("method", "suffix", "body"), [*SAFE, *UNSAFE])
def test_a_statement_that_needs_a_lost_server_fails_and_the_connection_stays(
    primary, client, task, method, suffix, body, fault
):
    with broken(primary, fault):
        before = primary.execute(SERVICE)
        assert before
        assert_unavailable(client(method, f"{LOST}/{task['id']}{suffix}", body))
        assert attempts(primary) == (2 if (method, suffix, body) in SAFE else 1)
        assert client("GET", OTHER).status == 200
        assert client("GET", "/health/ready").status == 200
        assert set(primary.execute(SERVICE)) >= set(before)
    assert client("GET", f"{LOST}/{task['id']}").body == task


@pytest.mark.parametrize(("method", "suffix", "body"), SAFE)
def test_what_is_safe_to_repeat_is_sent_once_more(primary, client, task, method, suffix, body):
    with broken(primary, times=1):
        answer = client(method, f"{LOST}/{task['id']}{suffix}", body)
    assert (answer.status, answer.body) == (200, task | (body or {}) | {"updated_at": answer.body["updated_at"]})


def test_a_create_is_sent_once_more_and_makes_one_task(primary, client):
    before = client("GET", LOST).body
    with broken(primary, times=1):
        answer = client("POST", LOST, {"title": "Once"})
    assert answer.status == 201
    assert client("GET", LOST).body == [*before, answer.body]


def test_users_of_other_servers_notice_nothing(primary, service, client, task):
    ends = Event()

    def ask_for_what_is_lost(_):
        with Client(service.port) as other:
            statuses = []
            while not ends.is_set():
                statuses.append(other("GET", f"{LOST}/{task['id']}").status)
            return statuses

    with broken(primary), ThreadPoolExecutor(4) as threads:
        asked = threads.map(ask_for_what_is_lost, range(4))
        statuses = [
            client(*request).status for _ in range(200) for request in (("GET", OTHER), ("POST", OTHER, {"title": "a"}))
        ]
        ends.set()
        failed = [status for each in asked for status in each]
    assert statuses == [200, 201] * 200
    assert set(failed) == {503}
    assert len(failed) > 50


# A server behind does not answer at all


class Freezing(Proxy):
    """Passes on no answer to a statement about the tasks of "lost", and none that follows on that connection."""

    def __init__(self, *targets):
        super().__init__(*targets)
        self.is_thawed = Event()

    def rewritten(self, data):
        if b"\0\0\0\x04lost" in data:
            self.is_thawed.wait()
        return data


@pytest.fixture(scope="module")
def freezing(primary, tmp_path_factory):
    """The service behind a proxy that freezes, and the proxy."""
    with Freezing(primary.port) as proxy:
        url = primary.url().replace(f":{primary.port}/", f":{proxy.port}/")
        # Few threads: each request that is given up leaves a connection in the proxy, until it thaws.
        few = {"WEB_CONCURRENCY": "1", "GUNICORN_CMD_ARGS": "--threads 4"}
        with Service(url, tmp_path_factory.mktemp("freezing") / "log", **few) as service:
            yield service, proxy


@contextmanager
def asked_by(count, service, path):
    """The answers that as many clients wait for."""
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(count))
        clients = [stack.enter_context(Client(service.port)) for _ in range(count)]
        yield [threads.submit(client, "GET", path) for client in clients]


def connect_every_thread(primary, service):
    with ExitStack() as locked:
        locked.enter_context(primary.locked_table())
        with asked_by(32, service, OTHER) as asked:
            time.sleep(0.5)
            locked.close()
            assert {each.result().status for each in asked} == {200}


def served_meanwhile(service):
    with Client(service.port) as other:
        return [other("GET", OTHER).status for _ in range(50)]


def test_half_of_the_threads_wait_for_a_connection_that_is_frozen(freezing):
    service, proxy = freezing
    try:
        with asked_by(6, service, LOST) as asked:
            statuses = served_meanwhile(service)
            waiting = [each for each in asked if not each.done()]
            refused = [each.result() for each in asked if each.done()]
            proxy.is_thawed.set()
            answers = [each.result() for each in waiting]
    finally:
        proxy.is_thawed.set()
    assert statuses == [200] * 50
    assert len(refused) == 4
    for answer in refused:
        assert_unavailable(answer, BUSY)
    # Half of the threads wait, and answer when it thaws.
    assert [answer.status for answer in answers] == [200] * 2


@pytest.mark.parametrize("others_are_answered", [True, False])
def test_one_silent_connection_is_no_outage(transactional_db, settings, others_are_answered):
    if connection.vendor == "sqlite":
        pytest.skip("PostgreSQL answers over connections")
    settings.DATABASE_WAIT_SECONDS = 1
    outage.end()
    time.sleep(0.2)

    def wait_in_vain():
        with closing(connections["default"]) as silent, pytest.raises(OperationalError):
            silent.execute_alone("SELECT pg_sleep(3)", [], repeatable=False)

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(wait_in_vain)
        while not waiting.done():
            if others_are_answered:
                connection.execute_alone("SELECT 1", [], repeatable=True)
            time.sleep(0.1)
        waiting.result()
    assert outage.is_long() is not others_are_answered
    outage.end()


def test_all_wait_where_the_whole_server_is_frozen_for_a_moment(primary, service, client):
    connect_every_thread(primary, service)
    with ExitStack() as frozen:
        frozen.enter_context(primary.frozen())
        with asked_by(32, service, OTHER) as asked:
            time.sleep(3)
            assert not any(each.done() for each in asked)
            frozen.close()
            statuses = [each.result().status for each in asked]
    assert statuses == [200] * 32


def test_a_statement_that_may_not_wait_is_ended_and_the_connection_stays(primary, service, client, task):
    until(lambda: is_ready(service))
    before = primary.execute(SERVICE)
    with broken(primary, IS_SLOW), asked_by(32, service, LOST) as asked:
        statuses = served_meanwhile(service)
        is_done = [each.done() for each in asked]
        refused = [each.result() for each, done in zip(asked, is_done, strict=True) if done]
    assert statuses == [200] * 50
    assert not all(is_done)
    assert len(refused) >= 8
    for answer in refused:
        assert_unavailable(answer, BUSY)
    assert set(primary.execute(SERVICE)) >= set(before)
