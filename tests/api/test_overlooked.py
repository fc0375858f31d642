"""A write that finds nothing looks once more: while Citus moves a user's tasks, a write that waits finds none of them.

A trigger stands for that here. It makes writes pass over tasks that are there.
"""

import pytest
from django.db import connection

from tests.conftest import OWNER

TASKS = f"/api/{OWNER}/tasks"
UNCONFIRMED = {"detail": "The database has not confirmed this, try again soon"}
NEVER = f"{TASKS}/01980000-0000-7000-8000-000000000000"
WRITES = [
    ("PUT", "", {"title": "New"}),
    ("PATCH", "/complete", b""),
    ("PATCH", "/complete", {"is_completed": True}),
    ("DELETE", "", b""),
]
# Citus has no triggers on distributed tables.
pytestmark = pytest.mark.one_server
every_write = pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
CONDITIONS = [{}, {"if_match": "*"}, {"if_match": "{tag}"}, {"if_none_match": '"2020-01-01T00:00:00Z"'}]
POSTGRESQL = """
CREATE SEQUENCE overlooked;
CREATE FUNCTION overlook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('overlooked') <= {times} THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER overlook BEFORE UPDATE OR DELETE ON tasks_task FOR EACH ROW EXECUTE FUNCTION overlook()
"""
SQLITE = """
CREATE TABLE overlooked (once int);
CREATE TRIGGER overlook_{event} BEFORE {event} ON tasks_task WHEN (SELECT count(*) FROM overlooked) < {times}
BEGIN INSERT INTO overlooked VALUES (1); SELECT RAISE(IGNORE); END
"""


def overlook(times):
    """As many times a write passes over a task."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL.format(times=times))
            return
        table, trigger = SQLITE.split(";", 1)
        cursor.execute(table)
        for event in ("UPDATE", "DELETE"):
            cursor.execute(trigger.format(event=event, times=times))


@pytest.fixture
def once(db):
    overlook(1)


@pytest.fixture
def twice(db):
    overlook(2)


def conditioned(task, condition):
    return {name: tag.format(tag=f'"{task["updated_at"]}"') for name, tag in condition.items()}


@every_write
@pytest.mark.parametrize("condition", CONDITIONS)
def test_write_that_overlooked_its_task_is_sent_again(once, api, statements, method, suffix, body, condition):
    task = api.create()
    statements.clear()

    response = api.send(method, f"{TASKS}/{task['id']}{suffix}", body, **conditioned(task, condition))

    assert (response.status_code, len(statements)) == (200, 3)
    if method == "DELETE":
        assert response.json() == {"message": "Task deleted successfully"}
        assert api.tasks() == []
    else:
        made = {"title": "New"} if method == "PUT" else {"is_completed": True}
        assert response.json() == task | made | {"updated_at": response.json()["updated_at"]}
        assert api.tasks() == [response.json()]


@every_write
@pytest.mark.parametrize("condition", CONDITIONS)
def test_write_that_overlooks_its_task_again_is_not_a_404(twice, api, statements, method, suffix, body, condition):
    task = api.create()
    statements.clear()

    response = api.send(method, f"{TASKS}/{task['id']}{suffix}", body, **conditioned(task, condition))

    assert (response.status_code, response.json(), len(statements)) == (503, UNCONFIRMED, 4)
    assert api.tasks() == [task]


@every_write
def test_write_over_a_change_is_sent_once(twice, api, statements, method, suffix, body):
    task = api.create()
    statements.clear()

    response = api.send(method, f"{TASKS}/{task['id']}{suffix}", body, if_match='"2020-01-01T00:00:00Z"')

    assert (response.status_code, response.json()) == (412, {"detail": "The task has changed"})
    assert len(statements) == 2
    assert api.tasks() == [task]


@every_write
def test_write_to_no_task_sends_two_statements(api, statements, method, suffix, body):
    response = api.send(method, NEVER + suffix, body)

    assert (response.status_code, response.json()) == (404, {"detail": "Task not found"})
    assert len(statements) == 2


def test_bulk_write_that_overlooked_all_tasks_is_sent_again(once, api, statements):
    task = api.create()
    statements.clear()

    response = api.send("PATCH", TASKS, {"is_completed": True})

    assert (response.status_code, response.json(), len(statements)) == (200, {"updated": 1}, 2)
    (now,) = api.tasks()
    assert now == task | {"is_completed": True, "updated_at": now["updated_at"]}


def test_bulk_delete_that_overlooked_all_tasks_is_sent_again(once, api, statements):
    api.create()
    statements.clear()

    response = api.send("DELETE", f"{TASKS}?is_completed=false")

    assert (response.status_code, response.json(), len(statements)) == (200, {"deleted": 1}, 2)
    assert api.tasks() == []
