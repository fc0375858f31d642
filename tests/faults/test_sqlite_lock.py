"""Another process writes to the SQLite file: the service waits for its lock, and gives up in time."""

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from django.db import connection

from tests.faults.test_outages import BUSY, assert_unavailable, timed
from tests.support.client import Client
from tests.support.service import Service
from todo_project.database.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="a fault of SQLite")
TASKS = "/api/owner/tasks"


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A client of the service, and a connection of another program that may lock its database."""
    folder = tmp_path_factory.mktemp("sqlite")
    database = folder / "db.sqlite3"
    with (
        Service(f"sqlite:///{database}", folder / "log", DATABASE_WAIT_SECONDS="2") as service,
        Client(service.port) as client,
        closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other,
    ):
        yield client, other
        assert "Traceback" not in service.log.read_text()


def test_a_lock_that_lasts_is_given_up_and_reads_go_on(writer):
    client, other = writer
    task = client("POST", TASKS, {"title": "Old"}).body
    place = f"{TASKS}/{task['id']}"
    other.execute("BEGIN IMMEDIATE")
    try:
        answers = [
            timed(client, *write) for write in [("POST", TASKS, {"title": "New"}), ("PATCH", f"{place}/complete")]
        ]
        assert client("GET", TASKS).body == [task]
    finally:
        other.execute("ROLLBACK")
    for answer, seconds in answers:
        assert_unavailable(answer, BUSY)
        assert 1.9 < seconds < 4
    assert client("GET", place).body == task
    assert client("PATCH", f"{place}/complete").status == 200


def test_a_lock_that_ends_in_time_is_waited_for(writer):
    client, other = writer
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.7, other.execute, ["ROLLBACK"]).start()
    answer, seconds = timed(client, "POST", TASKS, {"title": "New"})
    assert answer.status == 201
    assert seconds > 0.5


def test_writers_of_two_instances_wait_for_each_other(writer, tmp_path_factory):
    """Both write to one file, and every answer is still a 2xx."""
    client, other = writer
    statuses, end = set(), time.monotonic() + 1
    while time.monotonic() < end:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE tasks_task SET title = title")
        other.execute("COMMIT")
        statuses.add(client("POST", TASKS, {"title": "New"}).status)
    assert statuses == {201}


def test_another_process_leaves_the_journal_of_two_open_connections(db, tmp_path):
    file = tmp_path / "tasks.sqlite3"
    first, second = (DatabaseWrapper(connection.settings_dict | {"NAME": str(file)}) for _ in range(2))
    try:
        first.cursor().execute("CREATE TABLE t (n)")
        second.cursor().execute("SELECT n FROM t")
        read = f"import sqlite3; c = sqlite3.connect({str(file)!r}); c.execute('SELECT n FROM t'); c.close()"
        subprocess.run([sys.executable, "-c", read], check=True)
        # SQLite deletes it with the last connection, and would lose what the others write into it from then on.
        assert file.with_name("tasks.sqlite3-wal").exists()
    finally:
        first.close()
        second.close()
