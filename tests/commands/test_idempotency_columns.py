"""No command, page of the admin or answer shows a task's idempotency key, and none of them changes it."""

import pytest

from tasks.interchange.formats import WRITERS
from tasks.models import Task
from tests.conftest import OWNER
from tests.support.commands import line_file, row, rows, run

PAIR = ("key-of-a-client", "0123456789abcdef" * 2)
OTHERS = {"idempotency_key": "other", "idempotency_digest": "other"}
ID = row()["id"]
PAGE = f"/admin/tasks/task/{ID}/change/"
SEEN = f"/api/{OWNER}/tasks", f"/api/{OWNER}/tasks/{ID}", "/admin/tasks/task/", PAGE
FORM = {"title": "Changed", "initial-title": "Task 1", "description": "", "initial-description": ""}


@pytest.fixture
def task(db):
    Task.objects.create(**row(), **dict(zip(OTHERS, PAIR, strict=True)))


def pairs():
    return list(Task.objects.order_by("id").values_list(*OTHERS))


def is_silent(shown):
    return b"Task 1" in shown and not any(part.encode() in shown for part in ("idempotency", *PAIR))


@pytest.mark.parametrize("suffix", WRITERS)
def test_export_leaves_it_out(task, tmp_path, suffix):
    file = tmp_path / f"tasks.{suffix}"
    run("export_tasks", "-o", file)
    assert is_silent(file.read_bytes())


@pytest.mark.parametrize("action", ["export_jsonl", "export_csv"])
def test_export_of_the_admin_leaves_it_out(task, admin_client, action):
    answer = admin_client.post("/admin/tasks/task/", {"action": action, "index": "0", "_selected_action": [ID]})
    assert is_silent(b"".join(answer.streaming_content))


@pytest.mark.parametrize("path", SEEN)
def test_answer_or_page_leaves_it_out(task, admin_client, path):
    assert is_silent(admin_client.get(path).content)


def test_import_changes_no_key_and_sets_none(task, tmp_path):
    lines = [row(number, title="Changed") | OTHERS for number in (1, 2)]
    _, said = run("import_tasks", line_file(tmp_path, *lines), "--on-conflict=update")
    assert (said, pairs()) == ("1 created, 1 updated, 0 skipped.\n", [PAIR, (None, None)])


def test_form_changes_no_key(task, admin_client):
    admin_client.post(PAGE, FORM | OTHERS)
    assert ([row["title"] for row in rows()], pairs()) == (["Changed"], [PAIR])


def test_form_sets_no_key(db, admin_client):
    admin_client.post("/admin/tasks/task/add/", FORM | OTHERS | {"user_id": OWNER})
    assert ([row["title"] for row in rows()], pairs()) == (["Changed"], [(None, None)])


def test_erased_task_takes_its_key_along(task):
    receipt, _ = run("erase_user", OWNER, "--no-input")
    assert (pairs(), "idempotency" in receipt) == ([], False)
