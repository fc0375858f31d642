"""Each statement reads the index (user_id, id) in order, and no row of another user, whatever the table holds."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import ProgrammingError, connection

from tasks import statements
from tasks.identifiers import uuid7
from tasks.models import Task
from todo_project.database.postgresql.prepared import numbered

FILL = """
INSERT INTO tasks_task
SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
       'user-' || n % 1000, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, 20000) AS n
"""
NOW = datetime.now(UTC)
STATEMENTS = {
    "list": (statements.LIST, {}),
    "next page": (statements.LIST_AFTER, {"after": uuid7()}),
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
def test_plan_uses_the_index_and_filters_no_row(filled, name, mode):
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

    scans = [node for node in nodes(plan["Plan"]) if "Scan" in node["Node Type"]]
    assert {scan["Index Name"] for scan in scans if scan["Node Type"] != "Bitmap Heap Scan"} == {"task_user_id_id"}
    assert [scan for scan in scans if "Filter" in scan] == []
    if statement in (statements.LIST, statements.LIST_AFTER):
        # Rows are neither collected nor sorted: that would make a long list take half as long again.
        assert [node["Node Type"] for node in nodes(plan["Plan"])] == ["Limit", "Index Scan"]


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

    assert "INDEX task_user_id_id (user_id=?" in details
    assert "SCAN" not in details


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
