"""`distribute_tasks` on a database without Citus: its refusals, and the change of the primary key there and back."""

import time

import psycopg
import pytest
from django.db import IntegrityError, connection

from tasks.bulk.loading import insert
from tasks.distribution import requirements, schema, steps
from tests.conftest import STRANGER
from tests.support.commands import failing, live_url, refusal, row, rows

pytestmark = pytest.mark.one_server
only_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL")
STATE = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tasks_task'
UNION ALL
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'tasks_task'::regclass ORDER BY 1, 2
"""
KEYS = {
    ("tasks_task_id", "CREATE INDEX tasks_task_id ON public.tasks_task USING btree (id)"),
    ("tasks_task_pkey", "CREATE UNIQUE INDEX tasks_task_pkey ON public.tasks_task USING btree (user_id, id)"),
    ("tasks_task_pkey", "PRIMARY KEY (user_id, id)"),
}
KEYS_OF_MIGRATIONS = {
    ("task_user_id_id", "CREATE INDEX task_user_id_id ON public.tasks_task USING btree (user_id, id)"),
    ("tasks_task_pkey", "CREATE UNIQUE INDEX tasks_task_pkey ON public.tasks_task USING btree (id)"),
    ("tasks_task_pkey", "PRIMARY KEY (id)"),
}


def state():
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return set(cursor.fetchall())


def changes_to_many():
    return list(steps.key_steps(schema.KEY_OF_MANY, schema.INDEX_OF_MANY, useless=steps.USELESS_TO_MANY))


def changes_to_one():
    return list(steps.key_steps(schema.KEY_OF_ONE_SERVER, schema.INDEX_OF_ONE_SERVER, useless=steps.USELESS_TO_ONE))


def not_to_wait():
    raise AssertionError("no transaction is in the way")


def run(changes, on_wait=not_to_wait):
    """Runs the steps that are not done, and gives how many those were."""
    left = 0
    for step in changes:
        if not step.is_done():
            left += 1
            step.run(on_wait)
            assert step.is_done()
    return left


@pytest.fixture
def tasks(transactional_db):
    if connection.vendor == "sqlite":
        pytest.skip("a matter of PostgreSQL")
    insert([row(1), row(2), row(3, STRANGER)])
    yield
    run(changes_to_one())


@pytest.mark.django_db
def test_database_without_citus_is_refused():
    sqlite = "The database is SQLite: only PostgreSQL with Citus can spread tasks over several servers."
    postgresql = "The database has no Citus: install it on each server, then run CREATE EXTENSION citus."
    expected = sqlite if connection.vendor == "sqlite" else postgresql
    for arguments in ([], ["--dry-run"], ["--undo"], ["--online", "--no-input"]):
        assert failing("distribute_tasks", *arguments) == ("", expected)


@pytest.mark.parametrize("arguments", [["--online"], ["--shards", "8"]])
def test_undo_takes_neither_way_to_distribute(arguments):
    assert failing("distribute_tasks", "--undo", *arguments) == ("", "--undo takes neither --online nor --shards.")


@pytest.mark.parametrize(
    ("shards", "why"),
    [
        ("0", "must be a whole number from 1 on, not '0'"),
        ("-1", "must be a whole number from 1 on, not '-1'"),
        ("many", "must be a whole number from 1 on, not 'many'"),
        ("4097", "must be 4096 at the most"),
    ],
)
def test_wrong_number_of_shards_ends_in_one_sentence(capsys, shards, why):
    assert refusal(capsys, "distribute_tasks", f"--shards={shards}") == (1, f"argument --shards: {why}\n")


@only_postgresql
@pytest.mark.django_db
def test_online_needs_logical_replication():
    needed = "PostgreSQL's wal_level is not logical, which --online needs: set it on each server, and restart them."
    assert list(requirements.logical_replication()) == [needed]


@only_postgresql
@pytest.mark.django_db
def test_missing_migration_stands_in_the_way():
    assert list(requirements.installation()) == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks' AND name = '0003_task_idempotency'")
    missing = "A migration is missing, tasks.0003_task_idempotency first: run migrate."
    assert list(requirements.installation()) == [missing]


@only_postgresql
@pytest.mark.django_db
def test_table_of_another_role_stands_in_the_way():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE visitor; GRANT SELECT ON django_migrations TO visitor; SET ROLE visitor")
        found = list(requirements.installation())
        cursor.execute("RESET ROLE")
    assert found == ["The table tasks_task belongs to the role postgres: run this as that role."]


def test_primary_key_changes_and_the_way_back_leads_to_the_schema_of_the_migrations(tasks):
    before = state()
    assert before >= KEYS_OF_MIGRATIONS
    assert (run(changes_to_many()), run(changes_to_many())) == (4, 0)
    assert state() == before - KEYS_OF_MIGRATIONS | KEYS
    assert (run(changes_to_one()), run(changes_to_one())) == (4, 0)
    assert state() == before
    assert rows() == [row(1), row(2), row(3, STRANGER)]


@pytest.mark.parametrize("done", [1, 2, 3])
def test_steps_go_on_and_lead_back_from_wherever_they_were_interrupted(tasks, done):
    before = state()
    run(changes_to_many()[:done])
    assert run(changes_to_many()) == 4 - done
    assert state() == before - KEYS_OF_MIGRATIONS | KEYS
    run(changes_to_one()[:done])
    assert run(changes_to_one()) == 4 - done
    assert state() == before
    run(changes_to_many()[:done])
    run(changes_to_one())
    assert state() == before


def test_index_that_an_interruption_left_half_built_is_built_anew(tasks):
    before = state()
    run(changes_to_many())
    insert([row(1, STRANGER)])
    with pytest.raises(IntegrityError):
        run(changes_to_one())
    assert schema.is_there(schema.KEY_OF_ONE_SERVER)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_task WHERE user_id = %s AND id = %s", [STRANGER, row(1)["id"]])
    run(changes_to_one())
    assert state() == before


def test_primary_key_waits_for_transactions_and_lets_others_in_meanwhile(tasks, tmp_path, monkeypatch):
    monkeypatch.setattr("todo_project.database.postgresql.locks.PAUSE_SECONDS", 0)
    run(changes_to_many()[:2])
    waits = []
    with psycopg.connect(live_url(tmp_path)) as other, psycopg.connect(live_url(tmp_path)) as reader:
        other.execute("UPDATE tasks_task SET title = 'New' WHERE id = %s", [row(1)["id"]])

        began = time.monotonic()

        def read_and_let_it_through():
            waits.append(time.monotonic() - began < 1)
            waits.append(reader.execute("SELECT count(*) FROM tasks_task").fetchone())
            reader.commit()
            other.commit()

        assert run(changes_to_many(), read_and_let_it_through) == 2
    assert waits == [True, (3,)]
    assert rows() == [row(1, title="New"), row(2), row(3, STRANGER)]
