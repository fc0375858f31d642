from uuid import UUID

import pytest

from tests.conftest import OWNER


def test_task_comes_as_it_was_created(api):
    task = api.create(description="x")

    response = api.send("GET", f"/api/{OWNER}/tasks/{task['id']}")

    assert (response.status_code, response.json()) == (200, task)
    assert response["Cache-Control"] == "private, no-cache"


def test_id_in_each_of_its_forms_is_the_same_task(api):
    task = api.create()

    plain, braced, urn = UUID(task["id"]).hex, f"%7B{task['id']}%7D", f"urn:uuid:{task['id']}"
    for spelling in (task["id"].upper(), plain, plain.upper(), braced, urn):
        assert api.send("GET", f"/api/{OWNER}/tasks/{spelling}").json() == task


NO_UUIDS = [
    "1",
    "x",
    "None",
    "%00",
    "%FF",
    "01980000-0000-7000-8000-00000000000",
    "01980000_0000-7000-8000-000000000000",
    "١" * 32,
    "019800000000-7000-8000-000000000000",
    "%7B01980000000070008000000000000000%7D",
    "URN:UUID:01980000-0000-7000-8000-000000000000",
]


@pytest.mark.parametrize("task_id", [*NO_UUIDS, "01980000-0000-7000-8000-000000000000"])
def test_id_of_no_task_is_not_found(api, task_id):
    response = api.send("GET", f"/api/{OWNER}/tasks/{task_id}")

    assert (response.status_code, response.json()) == (404, {"detail": "Task not found"})


def test_get_sends_one_statement(api, statements):
    task = api.create()
    statements.clear()

    api.send("GET", f"/api/{OWNER}/tasks/{task['id']}")

    assert len(statements) == 1


def test_head_answers_as_get_without_the_body(api):
    path = f"/api/{OWNER}/tasks/{api.create()['id']}"
    expected = api.send("GET", path)

    response = api.send("HEAD", path)

    assert (response.status_code, response.content, response.headers) == (200, b"", expected.headers)
