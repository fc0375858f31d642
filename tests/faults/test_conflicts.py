"""What PostgreSQL has undone for a conflict is sent again, whatever it does: nothing of it happened."""

import json
from threading import Event, Thread

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, connections
from django.db.models import F
from django.test import Client

from tasks.models import Task
from tests.support.commands import run

# nextval is not undone with the statement, so only the first ones fail.
REFUSE = """
CREATE SEQUENCE writes;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('writes') <= {times} THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '{sqlstate}'; END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON tasks_task FOR EACH ROW EXECUTE FUNCTION refuse();
"""
DROP = "DROP TRIGGER IF EXISTS refuse ON tasks_task; DROP FUNCTION IF EXISTS refuse; DROP SEQUENCE IF EXISTS writes"


@pytest.fixture
def refusing(transactional_db):
    if connection.vendor == "sqlite":
        pytest.skip("PostgreSQL undoes what conflicts")
    connection.close()

    def refuse(sqlstate, times):
        sql(REFUSE.format(sqlstate=sqlstate, times=times))

    yield refuse
    sql(DROP)
    connection.close()


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_write_that_was_undone_is_sent_again(refusing, sqlstate):
    tasks = Task.objects.for_user("owner")
    task = tasks.create_returning("A task")
    kept = connection.connection
    refusing(sqlstate, 2)

    toggled = tasks.update_returning(task["id"], is_completed=~F("is_completed"))

    assert toggled == task | {"is_completed": True, "updated_at": toggled["updated_at"]}
    assert connection.connection is kept
    assert tasks.complete_matching(False, {}) == 1
    assert tasks.delete_matching({"is_completed": False}) == 1


def test_a_transaction_that_was_undone_is_done_again(refusing, tmp_path):
    line = {"title": "A task", "user_id": "owner", "id": "01980000-0000-7000-8000-000000000001"}
    file = tmp_path / "tasks.jsonl"
    file.write_text(json.dumps(line))
    admin = Client()
    admin.force_login(get_user_model().objects.create_superuser("admin", "", "only-for-tests"))

    refusing("40P01", 1)
    run("import_tasks", file)
    [task] = Task.objects.for_user("owner").page(10)[0]

    sql(DROP)
    refusing("40001", 1)
    admin.post("/admin/tasks/task/", {"action": "mark_completed", "_selected_action": str(task["id"])})
    assert [row["is_completed"] for row in Task.objects.for_user("owner").page(10)[0]] == [True]

    sql(DROP)
    refusing("40P01", 1)
    receipt = json.loads(run("erase_user", "owner", "--no-input")[0])
    assert (receipt["tasks"], Task.objects.for_user("owner").page(10)[0]) == (1, [])


def test_a_conflict_that_does_not_end_is_told_at_the_deadline(refusing, settings):
    settings.DATABASE_WAIT_SECONDS = 0.3
    task = Task.objects.for_user("owner").create_returning("A task")
    refusing("40P01", 1_000_000)

    with pytest.raises(OperationalError, match="conflict"):
        Task.objects.for_user("owner").delete_returning(task["id"])


def test_two_writers_that_lock_each_other_out_both_succeed(refusing, settings):
    settings.DATABASE_WAIT_SECONDS = 20
    tasks = Task.objects.for_user("owner")
    one, other = (tasks.create_returning("A task")["id"] for _ in range(2))
    is_locked, is_waiting = Event(), Event()

    def lock_the_other_way_round():
        # A transaction, as another program may have it: it has the second task and waits for the first.
        with connections["default"].cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '10s'; BEGIN")
            cursor.execute("UPDATE tasks_task SET title = 'x' WHERE id = %s", [other])
            is_locked.set()
            is_waiting.wait(20)
            cursor.execute("UPDATE tasks_task SET title = 'x' WHERE id = %s", [one])
            cursor.execute("COMMIT")
        connections["default"].close()

    thread = Thread(target=lock_the_other_way_round)
    thread.start()
    assert is_locked.wait(20)
    is_waiting.set()
    assert tasks.complete_matching(True, {}) == 2
    thread.join(20)
    assert [row["is_completed"] for row in tasks.page(10)[0]] == [True, True]
