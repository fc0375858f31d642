"""Each statement finds its rows by an index, whatever the table holds, and names the user once."""

from datetime import UTC, datetime
from itertools import combinations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from tasks import statements
from tasks.expressions import MicrosecondLater
from tasks.filters import FILTERS, SORTS, Position
from tasks.identifiers import uuid7
from tasks.models import Task
from tasks.words import searched
from tests.support import citus
from todo_project.database.postgresql.prepared import numbered

FILL = """
INSERT INTO tasks_task
SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
       'user-' || n % 1000, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, 20000) AS n
"""
NOW, LONG_AGO = datetime.now(UTC), datetime(2000, 1, 1, tzinfo=UTC)
ALL_FILTERS = {"is_completed": False, "q": searched("Task", connection), "created_before": NOW, "updated_after": NOW}
CHANGES = {"title": "x", "now": NOW}


def listing(sort, position=None, **filters):
    """A list's statement, and the values that it takes."""
    return statements.list_statement(sort, tuple(filters)), SORTS[sort].values(position) | filters | {"limit": 51}


PLACE = Position(NOW, uuid7())
STATEMENTS = {
    "list": listing("created_at"),
    "next page": listing("created_at", PLACE),
    "newest first": listing("-created_at"),
    "older ones": listing("-created_at", PLACE),
    "last changed first": listing("-updated_at"),
    "next by change": listing("updated_at", PLACE),
    "filtered": listing("created_at", **ALL_FILTERS),
    "filtered, newest first": listing("-created_at", **ALL_FILTERS),
    "get": (statements.GET, {}),
    "lock": (statements.LOCK, {"ids": [uuid7() for _ in range(20)]}),
    "update": (statements.update_statement(("title",), (), ()), CHANGES),
    "update if": (
        statements.update_statement(("title",), (), ("among", "besides")),
        CHANGES | {"among": [NOW], "besides": [NOW]},
    ),
    "delete": (statements.delete_statement(()), {}),
    "delete if": (statements.delete_statement(("among",)), {"among": [NOW]}),
    "complete matching": (
        statements.complete_matching_statement(("is_completed",)),
        {"is_completed": False, "was": True, "state": False, "now": NOW},
    ),
    "delete matching": (statements.delete_matching_statement(("created_before",)), {"created_before": LONG_AGO}),
}
BY_CREATION = ("list", "next page", "newest first", "older ones", "filtered", "filtered, newest first")
# They read tasks of the user that they leave out.
FILTERING = ("next by change", "filtered", "filtered, newest first", "update if", "delete if")
FILTERING += ("complete matching", "delete matching")


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


@pytest.mark.skipif(not citus.IS_USED, reason="TEST_CITUS_URL names no coordinator of Citus")
@pytest.mark.parametrize("name", STATEMENTS)
def test_each_statement_is_that_of_one_shard(db, name):
    statement, values = STATEMENTS[name]
    compiled = statement.compile(Task, connection)
    parameters = [(values | {"user_id": "user-7", "id": uuid7()})[name] for name, _ in compiled.parameters]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {compiled.sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Task Count: 1\n" in plan


@pytest.mark.one_server
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_plans_read_by_an_index_and_no_row_of_another_user(filled, mode):
    for name in STATEMENTS:
        found = list(nodes(plan_of(name, mode)))
        kinds = [node["Node Type"] for node in found]
        assert "Seq Scan" not in kinds, name
        removed = sum(node.get("Rows Removed by Filter", 0) for node in found)
        assert removed <= (20 if name in FILTERING else 0), name
        if name in BY_CREATION:
            assert {node["Index Name"] for node in found if "Index Name" in node} == {"task_user_id_id"}, name
            # Rows are neither collected nor sorted: that would make a long list take half as long again.
            assert mode == "force_custom_plan" or kinds == ["Limit", "Index Scan"], name


def plan_of(name, mode):
    """The plan by which the statement was executed. What it wrote is undone."""
    statement, values = STATEMENTS[name]
    task = Task.objects.filter(user_id="user-7").first()
    values = {"user_id": "user-7", "id": task.id} | values
    compiled = compiled_of(statement)
    with transaction.atomic(), psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(b"PREPARE held AS " + numbered(compiled.sql))
        parameters = [values[parameter] for parameter, _ in compiled.parameters]
        marks = ", ".join(["%s"] * len(parameters))
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE held({marks})", parameters)
        ((plan,),) = cursor.fetchone()
        cursor.execute("DEALLOCATE held")
        transaction.set_rollback(True)
    return plan["Plan"]


def compiled_of(statement):
    return statement.compile(Task, connection)


EVERY_LIST = [
    (sort, names) for sort in SORTS for count in range(len(FILTERS) + 1) for names in combinations(FILTERS, count)
]


def test_every_statement_names_the_user_once(db):
    """Citus finds the shard without planning only then, and PostgreSQL keeps one plan for all users."""
    for statement in [
        *(statement for statement, _ in STATEMENTS.values()),
        *(statements.list_statement(*each) for each in EVERY_LIST),
    ]:
        compiled = compiled_of(statement)
        where = compiled.sql.partition(" WHERE ")[2].partition(" RETURNING ")[0]
        assert where.count('"user_id" = (%s)') == where.count('"user_id"') == 1
        assert [name for name, _ in compiled.parameters].count("user_id") == 1


@pytest.mark.parametrize("name", STATEMENTS)
def test_plan_of_sqlite_uses_the_index(db, name):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's plans; PostgreSQL's are looked at above")
    statement, values = STATEMENTS[name]
    values = {"user_id": "user-7", "id": uuid7()} | values
    compiled = compiled_of(statement)

    with connection.cursor() as cursor:
        parameters = [prepare(values[parameter], connection) for parameter, prepare in compiled.parameters]
        cursor.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", parameters)
        details = " ".join(row[3] for row in cursor.fetchall())

    assert "SCAN tasks_task" not in details
    if name in BY_CREATION:
        assert "INDEX task_user_id_id (user_id=? AND id>? AND id<?)" in details
        assert "TEMP B-TREE" not in details


def test_new_time_of_a_write_takes_no_stable_function(db):
    """Citus refuses a stable function in an UPDATE. PostgreSQL refuses one in an index, so the test makes an index."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no stable functions")
    later = Task.objects.values(later=MicrosecondLater("updated_at")).query
    expression = str(later).removeprefix("SELECT ").partition(" AS ")[0]

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX later ON tasks_task (({expression}))")
        with pytest.raises(ProgrammingError, match="must be marked IMMUTABLE"):
            cursor.execute("CREATE INDEX stable ON tasks_task ((updated_at + interval '1 microsecond'))")
