"""Another user's task is "not found": the same bytes as for a task that never existed, and nothing changes."""

import uuid

import pytest

from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.tokens import TokenClient, ask_for_tokens

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


@pytest.fixture(params=["without tokens", "with tokens"])
def api(api, request, settings, monkeypatch):
    """The API, which names the user by the path alone, or by the path and each user's own token."""
    if request.param == "without tokens":
        return api
    ask_for_tokens(settings, monkeypatch)
    return TokenClient(raise_request_exception=False)


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


FILTERED = {
    "a filter before": lambda: Task.objects.filter(is_completed=True).for_user(OWNER),
    "a filter behind": lambda: Task.objects.for_user(OWNER).filter(is_completed=True),
    "an exclusion before": lambda: Task.objects.exclude(is_completed=False).for_user(OWNER),
    "another user before": lambda: Task.objects.for_user(STRANGER).for_user(OWNER),
    "an order before": lambda: Task.objects.order_by("title").for_user(OWNER),
    "a slice behind": lambda: Task.objects.for_user(OWNER)[:1],
    "nothing at all": lambda: Task.objects.none().for_user(OWNER),
}
FIXED = {
    "get": lambda tasks, task_id: tasks.row(task_id),
    "update": lambda tasks, task_id: tasks.update_returning(task_id, title="Lost"),
    "delete": lambda tasks, task_id: tasks.delete_returning(task_id),
    "list": lambda tasks, task_id: list(tasks.pages(len)),
    "create": lambda tasks, task_id: tasks.create_returning("Lost"),
}


@pytest.mark.parametrize("statement", FIXED)
@pytest.mark.parametrize("filtered", FILTERED)
def test_fixed_statement_refuses_a_filter(api, filtered, statement):
    task = api.create(OWNER)

    with pytest.raises(TypeError, match="has no room for a filter"):
        FIXED[statement](FILTERED[filtered](), uuid.UUID(task["id"]))

    assert api.tasks(OWNER) == [task]


def test_another_database_is_chosen_by_the_manager(api):
    task = api.create(OWNER)

    found = Task.objects.db_manager("default").for_user(OWNER).row(uuid.UUID(task["id"]))

    assert str(found["id"]) == task["id"]
