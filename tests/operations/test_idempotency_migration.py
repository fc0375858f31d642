"""The migration that gives tasks their idempotency keys, on a table in use."""

import secrets
import sqlite3
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.conftest import OWNER, new_database, on_server, url_of
from tests.support.commands import start
from tests.support.load import Load
from tests.support.service import START_SECONDS, Gunicorn
from tests.support.waiting import until

PREVIOUS = "0002_task_title_trigram"
FILL = """
INSERT INTO tasks_task
SELECT lpad(to_hex(n), 32, '0')::uuid, 'user-' || n % 1000, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, 200000) AS n
"""
# As the version before this migration sends it.
INSERT = """
INSERT INTO "tasks_task" ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")
VALUES (gen_random_uuid(), 'previous', %s, NULL, false, now(), now())
"""
ROWS = "SELECT count(*), sum(hashtext((id, user_id, title, is_completed, updated_at)::text)) FROM tasks_task"
# The number of columns, whether the check is valid, and whether the index is.
STATE = """
SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = 'tasks_task'::regclass AND attname ^@ 'idempotency_'),
       (SELECT convalidated FROM pg_constraint WHERE conname = 'task_idempotency'),
       (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('task_user_id_idempotency_key'))
"""
BEFORE, UNCHECKED, CHECKED = (0, None, None), (2, False, None), (2, True, None)
HALF_INDEXED, AFTER = (2, True, False), (2, True, True)
INDEX = "SELECT to_regclass('task_user_id_idempotency_key')::oid"
FORGET = "DELETE FROM django_migrations WHERE app = 'tasks' AND name LIKE '0003%'"
INTERRUPTION = """
CREATE FUNCTION interrupt() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_query() LIKE '%{}%' THEN RAISE EXCEPTION 'interrupted'; END IF; END $$;
CREATE EVENT TRIGGER interruption ON ddl_command_start EXECUTE FUNCTION interrupt()
"""
WAITS_FOR_TABLE = "SELECT 1 FROM pg_locks WHERE relation = 'tasks_task'::regclass AND mode = '{}' AND NOT granted"
WAITS_FOR_SNAPSHOTS = "SELECT pid FROM pg_stat_progress_create_index WHERE phase = 'waiting for old snapshots'"


def execute(url, sql):
    with psycopg.connect(url, autocommit=True) as admin:
        cursor = admin.execute(sql)
        return cursor.fetchall() if cursor.description else []


def state(url):
    return execute(url, STATE)[0]


@contextmanager
def migrating(url, target="0003", *, succeeds=True):
    """`manage.py migrate tasks` runs beside the `with`, and at the end of it has the given outcome."""
    process = start(url, "migrate", "--skip-checks", "tasks", target)
    try:
        yield
        _, said = process.communicate(timeout=START_SECONDS)
        assert (process.returncode == 0) == succeeds, said.decode()
    finally:
        process.kill()
        process.communicate()


def migrate(url, target="0003"):
    with migrating(url, target):
        pass


def fail_to_migrate(url, at):
    """Runs `migrate`, which is interrupted when it begins the statement that has these words."""
    execute(url, INTERRUPTION.format(at))
    with migrating(url, succeeds=False):
        pass
    execute(url, "DROP EVENT TRIGGER interruption; DROP FUNCTION interrupt")


@pytest.fixture(scope="module")
def previous(tmp_path_factory, django_db_setup):
    """The name of a database with 200,000 tasks that lacks the migration."""
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite the migration is one transaction")
    with new_database(tmp_path_factory.mktemp("previous"), is_migrated=False) as url:
        migrate(url, PREVIOUS)
        execute(url, f"DROP INDEX tasks_task_title_trigram; {FILL}; ANALYZE tasks_task")
        yield urlsplit(url).path[1:]


@pytest.fixture
def url(previous):
    """The URL of a copy of that database."""
    name = f"copy_{secrets.token_hex(4)}"
    on_server(f"CREATE DATABASE {name} TEMPLATE {previous}")
    yield url_of(name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def migrate_while_in_use(url, target):
    """Another client has a transaction open until the migration has waited for it in vain once."""
    wait = WAITS_FOR_TABLE.format("AccessExclusiveLock")
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as observer:
        other.execute(INSERT, [target])
        with migrating(url, target):
            until(lambda: observer.execute(wait).fetchone(), START_SECONDS)
            until(lambda: not observer.execute(wait).fetchone())
            other.commit()


def test_no_request_fails_or_waits_for_a_second_there_and_back(url, tmp_path):
    with Gunicorn(url, tmp_path / "log") as service:
        # Before and after there are no columns for keys.
        with Load(service.port, clients=4, has_keys=False) as load:
            until(lambda: load.acknowledged_writes > 20)
            migrate_while_in_use(url, "0003")
            assert state(url) == AFTER
            migrate_while_in_use(url, PREVIOUS)
            assert state(url) == BEFORE
        assert load.failed("GET", "POST", "PUT", "PATCH", "DELETE") == {}
        assert load.slowest() < 1
        assert load.wrong() == []


def test_previous_version_writes_before_after_and_while_the_migration_waits_for_a_vacuum(url):
    with psycopg.connect(url) as vacuum, psycopg.connect(url, autocommit=True) as previous:
        vacuum.execute("LOCK TABLE tasks_task IN SHARE UPDATE EXCLUSIVE MODE")
        previous.execute("SET lock_timeout = '10ms'")
        previous.execute(INSERT, ["1"], prepare=True)
        with migrating(url):
            until(lambda: execute(url, WAITS_FOR_TABLE.format("ShareUpdateExclusiveLock")), START_SECONDS)
            previous.execute(INSERT, ["2"], prepare=True)
            vacuum.commit()
        previous.execute(INSERT, ["3"], prepare=True)
    written = "SELECT title, idempotency_key, idempotency_digest FROM tasks_task WHERE user_id = 'previous' ORDER BY 1"
    assert execute(url, written) == [("1", None, None), ("2", None, None), ("3", None, None)]


def test_migration_goes_on_after_an_interruption_between_any_two_steps(url):
    rows = execute(url, ROWS)
    fail_to_migrate(url, at="VALIDATE")
    assert state(url) == UNCHECKED
    fail_to_migrate(url, at="CREATE UNIQUE INDEX")
    assert state(url) == CHECKED
    interrupt_the_index(url)
    assert state(url) == HALF_INDEXED
    migrate(url)
    assert state(url) == AFTER
    index = execute(url, INDEX)
    execute(url, FORGET)
    migrate(url)
    assert (state(url), execute(url, INDEX), execute(url, ROWS)) == (AFTER, index, rows)


def interrupt_the_index(url):
    """Ends the migration's connection while the index waits for an older transaction."""
    with psycopg.connect(url) as older:
        older.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        older.execute("SELECT 1")
        with migrating(url, succeeds=False):
            ((pid,),) = until(lambda: execute(url, WAITS_FOR_SNAPSHOTS), START_SECONDS)
            execute(url, f"SELECT pg_terminate_backend({pid})")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL each step is kept")
def test_failure_on_sqlite_leaves_nothing_half_done(tmp_path):
    with new_database(tmp_path) as url, closing(sqlite3.connect(urlsplit(url).path, isolation_level=None)) as file:
        task = ("1", OWNER, "A task", None, 0, "2026-01-01", "2026-01-01")
        file.execute("INSERT INTO tasks_task VALUES (?, ?, ?, ?, ?, ?, ?, 'key', 'digest')", task)
        migrate(url, PREVIOUS)
        assert file.execute("SELECT * FROM tasks_task").fetchall() == [task]
        file.execute("CREATE TABLE task_user_id_idempotency_key (it_is_in_the_way)")
        with migrating(url, succeeds=False):
            pass
        assert file.execute("SELECT * FROM tasks_task").fetchall() == [task]
        file.execute("DROP TABLE task_user_id_idempotency_key")
        migrate(url)
        assert file.execute("SELECT * FROM tasks_task").fetchall() == [(*task, None, None)]
