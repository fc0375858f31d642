"""A process computes two requests at a time. While these wait for the database, it begins others."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from testbed.network import network
from tests.conftest import new_database
from tests.support.client import Client
from tests.support.service import Service
from tests.support.waiting import until
from todo_project.database.permits import Permits

CLIENTS = 16


@pytest.fixture
def url(tmp_path, django_db_setup):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is in the process itself")
    with new_database(tmp_path) as url:
        yield url


def connections_after_work(url, log):
    """How many database connections a service of one process has after many requests, at most CLIENTS at a time."""

    def work(_):
        with Client(service.port) as client:
            return {client("GET", "/api/owner/tasks").status for _ in range(30)}

    with Service(url, log, WEB_CONCURRENCY="1") as service:
        with ThreadPoolExecutor(CLIENTS) as clients:
            assert set.union(*clients.map(work, range(CLIENTS))) == {200}
        with psycopg.connect(os.environ["DATABASE_URL"]) as admin:
            database = urlsplit(url).path[1:]
            return admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]).fetchone()[0]


def test_a_far_database_has_more_connections_of_a_process(url, tmp_path):
    near = connections_after_work(url, tmp_path / "log")
    with network(url, 0.002) as far:
        assert near < connections_after_work(far, tmp_path / "log") == 8


# Permits


def holder(permits, begun, ends):
    def hold():
        permits.acquire()
        begun.append(threading.current_thread().name)
        ends.wait()
        permits.give_back()

    return hold


@pytest.fixture
def holders():
    """Starts four threads, one after the other. Each wants one of two permits, and holds it until the test ends it."""
    permits, begun, ends = Permits(2), [], [threading.Event() for _ in range(4)]
    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=holder(permits, begun, ends[number]), name=str(number)))
        threads[-1].start()
        until(lambda started=number: len(begun) + len(permits.waiting) == started + 1)
    yield begun, ends
    for end in ends:
        end.set()
    for thread in threads:
        thread.join()


@pytest.mark.run_once("sqlite")
def test_two_begin_and_the_last_that_waits_is_the_next(holders):
    begun, ends = holders
    assert begun == ["0", "1"]
    ends[0].set()
    until(lambda: len(begun) == 3)
    assert begun == ["0", "1", "3"]


@pytest.mark.run_once("sqlite")
def test_a_thread_has_one_permit_and_gives_back_no_more():
    permits = Permits(1)
    permits.acquire()
    permits.acquire()
    permits.give_back()
    permits.give_back()
    assert permits.free == 1
