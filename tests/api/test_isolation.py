"""What is another's is "not found": byte for byte the answer for a task that never was, with nothing changed."""

import pytest

from tests.conftest import OWNER, STRANGER

NEVER = "01980000-0000-7000-8000-000000000000"
ATTEMPTS = {
    "get": ("GET", "", b""),
    "head": ("HEAD", "", b""),
    "update": ("PUT", "", {"title": "Mine", "description": None, "is_completed": True}),
    "update nothing": ("PUT", "", {}),
    "update wrongly": ("PUT", "", {"title": 5}),
    "update without a body": ("PUT", "", b""),
    "update with no JSON": ("PUT", "", b"{"),
    "delete": ("DELETE", "", b""),
    "toggle": ("PATCH", "/complete", b""),
    "complete": ("PATCH", "/complete", {"is_completed": True}),
    "complete wrongly": ("PATCH", "/complete", {"is_completed": 1}),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_anothers_task_answers_as_one_that_never_was_and_stays_as_it_is(api, attempt):
    method, suffix, body = ATTEMPTS[attempt]
    task = api.create(OWNER, description="private")

    foreign = api.send(method, f"/api/{STRANGER}/tasks/{task['id']}{suffix}", body)
    never = api.send(method, f"/api/{STRANGER}/tasks/{NEVER}{suffix}", body)

    assert foreign.status_code in (404, 422)
    assert (foreign.status_code, foreign.content, foreign.headers) == (never.status_code, never.content, never.headers)
    assert api.tasks(OWNER) == [task]
    assert api.tasks(STRANGER) == []


@pytest.mark.parametrize("task_id", ["no-uuid", NEVER.upper(), "%FF"])
def test_id_of_any_kind_answers_the_same(api, task_id):
    response = api.send("GET", f"/api/{STRANGER}/tasks/{task_id}")

    assert (response.status_code, response.content) == (404, b'{"detail":"Task not found"}')
