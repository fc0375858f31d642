"""Each statement finds its rows by an index, whatever the table holds, and names the user once."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import ProgrammingError, connection

from tasks import statements
from tasks.identifiers import uuid7
from tasks.models import Task
from tasks.querysets import FIRST_ID, LAST_ID
from todo_project.database.postgresql.prepared import numbered

FILL = """
INSERT INTO tasks_task
SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
       'user-' || n % 1000, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, 20000) AS n
"""
NOW = datetime.now(UTC)
STATEMENTS = {
    "list": (statements.LIST, {"first": FIRST_ID, "last": LAST_ID}),
    "next page": (statements.LIST, {"first": uuid7(), "last": LAST_ID}),
    "get": (statements.GET, {}),
    "update": (statements.update_statement(("title",), ()), {"title": "x", "now": NOW}),
    "delete": (statements.DELETE, {}),
}


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.fixture
def filled(db):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's plans; SQLite's are looked at below")
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("ANALYZE tasks_task")


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_plan_uses_an_index_and_filters_no_row(filled, name, mode):
    statement, values = STATEMENTS[name]
    task = Task.objects.filter(user_id="user-7").first()
    statement.send(Task.objects.all(), user_id="user-7", id=task.id, **values)
    compiled = statement.compiled["default"]
    values = {"user_id": "user-7", "id": task.id} | values

    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(b"PREPARE held AS " + numbered(compiled.sql))
        parameters = [values[parameter] for parameter, _ in compiled.parameters]
        marks = ", ".join(["%s"] * len(parameters))
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE held({marks})", parameters)
        ((plan,),) = cursor.fetchone()
        cursor.execute("DEALLOCATE held")

    found = list(nodes(plan["Plan"]))
    assert "Seq Scan" not in [node["Node Type"] for node in found]
    # One task may be found by its id alone: then the row of the id is all that was looked at.
    assert sum(node.get("Rows Removed by Filter", 0) for node in found) == 0
    if statement is statements.LIST:
        assert {node["Index Name"] for node in found if "Index Name" in node} == {"task_user_id_id"}
        if mode == "force_generic_plan":
            # Rows are neither collected nor sorted: that would make a long list take half as long again.
            assert [node["Node Type"] for node in found] == ["Limit", "Index Scan"]


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_names_the_user_once(db, name):
    """Citus finds the shard without planning only then, and PostgreSQL keeps one plan for all users."""
    statement, values = STATEMENTS[name]
    statement.send(Task.objects.all(), **{"user_id": "user-7", "id": uuid7()} | values)
    compiled = statement.compiled["default"]

    where = compiled.sql.partition(" WHERE ")[2]
    assert where.count('"user_id"') - where.partition(" RETURNING ")[2].count('"user_id"') == 1
    assert [name for name, _ in compiled.parameters].count("user_id") == 1


@pytest.mark.parametrize("name", STATEMENTS)
def test_plan_of_sqlite_uses_the_index(db, name):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's plans; PostgreSQL's are looked at above")
    statement, values = STATEMENTS[name]
    values = {"user_id": "user-7", "id": uuid7()} | values
    statement.send(Task.objects.all(), **values)
    compiled = statement.compiled["default"]

    with connection.cursor() as cursor:
        parameters = [prepare(values[parameter], connection) for parameter, prepare in compiled.parameters]
        cursor.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", parameters)
        details = " ".join(row[3] for row in cursor.fetchall())

    assert "SCAN" not in details
    assert "TEMP B-TREE" not in details
    if statement is statements.LIST:
        assert "INDEX task_user_id_id (user_id=? AND id>? AND id<?)" in details


def test_new_time_of_a_write_takes_no_stable_function(db):
    """Citus refuses a stable function in an UPDATE. PostgreSQL refuses one in an index, so the test makes an index."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no stable functions")
    later = Task.objects.values(later=statements.MicrosecondLater("updated_at")).query
    expression = str(later).removeprefix("SELECT ").partition(" AS ")[0]

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX later ON tasks_task (({expression}))")
        with pytest.raises(ProgrammingError, match="must be marked IMMUTABLE"):
            cursor.execute("CREATE INDEX stable ON tasks_task ((updated_at + interval '1 microsecond'))")
