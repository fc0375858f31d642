"""Another user's task is "not found": the same bytes as for a task that never existed, and nothing changes."""

import base64
import re
import uuid

import pytest

from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.queries import following, problems_of
from tests.support.tokens import TokenClient, ask_for_tokens

NEVER = "01980000-0000-7000-8000-000000000000"
TAG = "{tag}"
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


CONDITIONS = [
    {"if_match": "*"},
    {"if_match": TAG},
    {"if_match": '"a"'},
    {"if_none_match": "*"},
    {"if_none_match": TAG},
    {"if_match": "malformed"},
    {"if_match": TAG, "if_none_match": '"a"'},
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_condition_tells_nothing_of_anothers_task(api, attempt):
    method, suffix, body = ATTEMPTS[attempt]
    task = api.create(OWNER, description="private")
    tag = f'"{task["updated_at"]}"'

    for condition in CONDITIONS:
        headers = {name: value.replace(TAG, tag) for name, value in condition.items()}
        foreign = api.send(method, f"/api/{STRANGER}/tasks/{task['id']}{suffix}", body, **headers)
        never = api.send(method, f"/api/{STRANGER}/tasks/{NEVER}{suffix}", body, **headers)
        assert foreign.status_code in (404, 422)
        assert (foreign.content, foreign.headers) == (never.content, never.headers)
        assert "ETag" not in foreign.headers
    assert api.tasks(OWNER) == [task]


FILTERS = [
    "is_completed=false",
    "q=private",
    "created_after=1970-01-01T00:00:00Z",
    "updated_before=9999-12-31T00:00:00Z",
]
QUERIES = [*FILTERS, "sort=-updated_at", "limit=1", "limit=1000&sort=updated_at&is_completed=false"]


@pytest.mark.parametrize("query", QUERIES)
def test_list_of_a_user_without_tasks_is_empty_whatever_is_asked_of_it(api, query):
    for _ in range(3):
        api.create(OWNER, title="private")
    empty = api.send("GET", f"/api/nobody/tasks?{query}")

    response = api.send("GET", f"/api/{STRANGER}/tasks?{query}")

    assert (response.status_code, response.content) == (200, b"[]")
    assert response.headers == empty.headers


@pytest.mark.parametrize("query", FILTERS)
def test_bulk_write_reaches_no_task_of_another_user(api, query):
    tasks = [api.create(OWNER, title="private") for _ in range(3)]
    own = api.create(STRANGER, title="private")

    completed = api.send("PATCH", f"/api/{STRANGER}/tasks?{query}", {"is_completed": True})
    deleted = api.send("DELETE", f"/api/{STRANGER}/tasks?q=private")

    assert (completed.json(), deleted.json()) == ({"updated": 1}, {"deleted": 1})
    assert api.tasks(OWNER) == tasks
    assert own not in api.tasks(STRANGER)


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at"])
def test_cursor_of_another_user_tells_nothing(api, sort):
    for _ in range(3):
        api.create(OWNER)
    path = following(api, f"sort={sort}&limit=1")

    response = api.send("GET", path.replace(OWNER, STRANGER))

    assert (response.status_code, problems_of(response)) == (422, [(["query", "cursor"], "value_error")])


def test_link_and_cursor_name_no_other_user(api):
    for user in (OWNER, STRANGER, OWNER):
        api.create(user)

    link = api.send("GET", f"/api/{OWNER}/tasks?limit=1")["Link"]
    data = base64.urlsafe_b64decode(re.search("cursor=([^>]*)>", link)[1])

    assert STRANGER not in link
    assert uuid.UUID(api.tasks(STRANGER)[0]["id"]).bytes not in data


def test_tag_of_anothers_list_is_that_of_no_own_list(api):
    api.create(OWNER)
    tag = api.send("GET", f"/api/{OWNER}/tasks")["ETag"]

    response = api.send("GET", f"/api/{STRANGER}/tasks", if_none_match=tag)

    assert (response.status_code, response.content) == (200, b"[]")


@pytest.mark.parametrize(("suffix", "body"), [("", {"title": "x"}), ("/batch", {"tasks": [{"title": "x"}] * 2})])
def test_key_of_another_user_is_a_new_one(api, suffix, body):
    api.send("POST", f"/api/{OWNER}/tasks{suffix}", body, idempotency_key="key")
    tasks = api.tasks(OWNER)

    response = api.send("POST", f"/api/{STRANGER}/tasks{suffix}", body, idempotency_key="key")

    assert (response.status_code, "Idempotency-Replayed" in response.headers) == (201, False)
    assert {task["user_id"] for task in api.tasks(STRANGER)} == {STRANGER}
    assert api.tasks(OWNER) == tasks


def test_members_of_a_batch_name_no_other_owner(api):
    task = api.create(OWNER)
    body = {"tasks": [{"title": "x", "user_id": OWNER, "id": task["id"]}]}

    [created] = api.send("POST", f"/api/{STRANGER}/tasks/batch", body).json()

    assert (created["user_id"], created["id"] == task["id"]) == (STRANGER, False)
    assert api.tasks(OWNER) == [task]


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
