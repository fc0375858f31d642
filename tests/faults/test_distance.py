"""A database far away: a process works at more requests at a time, so that none waits for another's answer."""

import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from benchmarks.network import network
from tests.conftest import new_database
from tests.faults.client import Client
from tests.service import Service
from todo_project.postgresql.distance import STATEMENTS, Distance

CLIENTS = 16


@pytest.fixture
def url(tmp_path, django_db_setup):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is in the process itself")
    with new_database(tmp_path) as url:
        yield url


def connections_after_work(url, log):
    """How many database connections a service of one process has after many requests, at most so many at a time."""

    def work(_):
        with Client(service.port) as client:
            return {client("GET", "/api/owner/tasks").status for _ in range(30)}

    with Service(url, log, WEB_CONCURRENCY="1") as service:
        with Client(service.port) as client:
            assert {client("GET", "/api/owner/tasks").status for _ in range(STATEMENTS + 10)} == {200}
        with ThreadPoolExecutor(CLIENTS) as clients:
            assert set.union(*clients.map(work, range(CLIENTS))) == {200}
        with psycopg.connect(os.environ["DATABASE_URL"]) as admin:
            database = urlsplit(url).path[1:]
            return admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]).fetchone()[0]


def test_a_near_database_has_two_connections_of_a_process(url, tmp_path):
    assert connections_after_work(url, tmp_path / "log") == 2


def test_a_far_database_has_more(url, tmp_path):
    with network(url, 0.002) as far:
        assert connections_after_work(far, tmp_path / "log") == 8


@pytest.mark.no_database("sqlite")
def test_one_fast_answer_among_many_slow_ones_tells_that_it_is_near():
    distance = Distance()
    for _ in range(STATEMENTS):
        distance.answered(0.005)
    assert distance.is_far.is_set()
    for seconds in [*[0.005] * (STATEMENTS - 1), 0.0003]:
        distance.answered(seconds)
    assert not distance.is_far.is_set()
