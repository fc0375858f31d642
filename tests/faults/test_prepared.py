"""Statements that a connection keeps prepared: no client notices when PostgreSQL or a pooler has lost them."""

import re
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from django.db.models import F
from psycopg.pq import TransactionStatus

from tasks import statements
from tasks.models import TITLE_MAX_LENGTH, Task
from tests.support.proxy import Proxy
from todo_project.database.postgresql import prepared
from todo_project.database.postgresql.prepared import PreparedStatements

FILL = """
INSERT INTO tasks_task
SELECT gen_random_uuid(), 'user-' || n %% 100, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def task(transactional_db, monkeypatch):
    """A task, on a new connection without a transaction."""
    if connection.vendor == "sqlite":
        pytest.skip("PostgreSQL's prepared statements")
    # A test may find that this process's pooler keeps no statements. The next test must not know it.
    monkeypatch.setattr(PreparedStatements, "are_kept", True)
    connection.close()
    yield Task.objects.for_user("owner").create_returning("A task")
    connection.close()


def get(task):
    return Task.objects.for_user("owner").row(task["id"])


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def plans(statement=statements.GET):
    """How often PostgreSQL planned the statement for its values, and how often it used the generic plan."""
    text = prepared.numbered(statement.compiled["default"].sql).decode()
    return sql("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = %s", text)


def plan_kept(task):
    compiled = statements.GET.compiled["default"]
    (name,) = [name.decode() for (text, _), name in connection.prepared.names.items() if text == compiled.sql]
    values = ", ".join(f"'{task[field]}'" for field, _ in compiled.parameters)
    return str(sql(f'EXPLAIN EXECUTE "{name}" ({values})'))


def test_planned_once_for_all_values(task):
    for _ in range(20):
        assert get(task) == task
    assert plans() == [(0, 20)]


def test_a_list_is_planned_once_too(task):
    for _ in range(20):
        assert list(Task.objects.for_user("owner").pages(list)) == [[[task | {"id": str(task["id"])}]]]
    assert plans(statements.LIST) == [(0, 20)]


class NotRenderedError(Exception):
    pass


def refuse(rows):
    raise NotRenderedError


@pytest.mark.parametrize(("has_batches", "lengths"), [(True, [128, 2]), (False, [130])])
def test_a_list_comes_in_batches_where_libpq_knows_them(task, monkeypatch, has_batches, lengths):
    monkeypatch.setattr(prepared, "HAS_BATCHES", has_batches)
    sql(FILL, 13_000)
    assert list(Task.objects.for_user("user-1").pages(len)) == [lengths]


def test_rows_that_cannot_be_rendered_are_in_nobodys_way(task):
    sql(FILL, 13_000)
    kept = connection.connection
    with pytest.raises(NotRenderedError):
        list(Task.objects.for_user("user-1").pages(refuse))
    assert connection.connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert get(task) == task
    assert connection.connection is kept


def test_a_time_that_python_does_not_know_is_no_lost_connection(task):
    sql("UPDATE tasks_task SET created_at = 'infinity'")
    kept = connection.connection
    with pytest.raises(DataError):
        list(Task.objects.for_user("owner").pages(list))
    assert connection.connection is kept
    assert sql("SELECT 1") == [(1,)]


def test_an_error_behind_some_rows_is_told_and_in_nobodys_way(task):
    get(task)
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.prepared.execute("SELECT 1 / (500 - n) FROM generate_series(1, 1000) AS n", render=len)
        assert connection.connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert get(task) == task


def test_a_connection_that_broke_under_a_cursor_is_replaced_when_it_is_used(task):
    with pytest.raises(OperationalError):
        sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert sql("SELECT 1") == [(1,)]
    assert get(task) == task


def test_a_cursor_that_waited_in_vain_is_in_nobodys_way(task, settings):
    settings.STATEMENT_TIMEOUT_MS, settings.DATABASE_WAIT_SECONDS = 100, 0.1
    with pytest.raises(OperationalError):
        sql("SELECT pg_sleep(5)")
    assert sql("SELECT 1") == [(1,)]


def test_lost_by_the_server(task):
    get(task)
    sql("DEALLOCATE ALL")
    assert get(task) == task
    assert connection.connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert not PreparedStatements.are_kept


def test_a_toggle_whose_statement_is_lost_is_done_once(task):
    for is_completed in [True, False, True]:
        toggled = Task.objects.for_user("owner").update_returning(task["id"], is_completed=~F("is_completed"))
        assert toggled["is_completed"] is is_completed
        sql("DEALLOCATE ALL")


def test_prepared_by_another_client_of_a_pooler(task):
    get(task)
    # A pooler hands on such a connection: the statement is there, and this client does not know.
    connection.prepared.names.clear()
    assert get(task) == task
    assert not PreparedStatements.are_kept


@contextmanager
def without_autovacuum():
    sql("ALTER TABLE tasks_task SET (autovacuum_enabled = false)")
    try:
        yield
    finally:
        sql("ALTER TABLE tasks_task RESET (autovacuum_enabled)")


@contextmanager
def changed_type():
    sql(f"ALTER TABLE tasks_task ALTER COLUMN title TYPE varchar({TITLE_MAX_LENGTH + 100})")
    try:
        yield
    finally:
        sql(f"ALTER TABLE tasks_task ALTER COLUMN title TYPE varchar({TITLE_MAX_LENGTH})")


def test_a_migration_changes_a_columns_type(task):
    get(task)
    with changed_type():
        for _ in range(2):
            assert get(task) == task
        assert PreparedStatements.are_kept
        assert plans() == [(0, 1)]


class Renaming(Proxy):
    """Acts like PgBouncer from 1.21 on: it renames statements for the server, and passes DEALLOCATE on unchanged."""

    def rewritten(self, data):
        return re.sub(rb"[0-9a-f]{32}(?=\0)", lambda name: name[0][::-1], data)


@pytest.fixture
def renamed(task):
    port = connection.settings_dict["PORT"]
    with Renaming(int(port)) as pooler:
        connection.close()
        connection.settings_dict["PORT"] = str(pooler.port)
        yield
        connection.close()
        connection.settings_dict["PORT"] = port


def test_a_migration_behind_a_pooler_that_renames_statements(task, renamed):
    get(task)
    with changed_type():
        for _ in range(2):
            assert get(task) == task
        assert not PreparedStatements.are_kept


def test_in_a_transaction_the_error_is_told(task):
    get(task)
    sql("DEALLOCATE ALL")
    sql("BEGIN")
    with pytest.raises(Exception, match="does not exist") as caught:
        get(task)
    assert isinstance(caught.value.__cause__, psycopg.errors.InvalidSqlStatementName)
    sql("ROLLBACK")
    assert PreparedStatements.are_kept


def test_a_plan_for_a_small_table_is_not_kept_when_it_has_grown(task, monkeypatch):
    with without_autovacuum():
        sql("VACUUM ANALYZE tasks_task")
        for _ in range(10):
            get(task)
        assert "Seq Scan" in plan_kept(task)
        sql(FILL, 20_000)
        assert "Seq Scan" in plan_kept(task)
        monkeypatch.setattr(prepared, "PLAN_SECONDS", 0)
        get(task)
        assert "Index Scan" in plan_kept(task)
