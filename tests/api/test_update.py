from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tasks.models import Task
from tests.conftest import OWNER

MEMBERS = {"title": "New", "description": "new", "is_completed": True}


@pytest.fixture
def task(api):
    return api.create(title="Old", description="old")


@pytest.fixture
def path(task):
    return f"/api/{OWNER}/tasks/{task['id']}"


def test_all_members_are_changed_and_the_answer_is_what_is_kept(api, task, path):
    response = api.send("PUT", path, MEMBERS)

    assert response.status_code == 200
    assert response.json() == task | MEMBERS | {"updated_at": response.json()["updated_at"]}
    assert api.tasks() == [response.json()]


@pytest.mark.parametrize("member", MEMBERS)
def test_members_left_out_stay_as_they_are(api, task, path, member):
    change = {member: MEMBERS[member]}

    changed = api.send("PUT", path, change).json()

    assert changed == task | change | {"updated_at": changed["updated_at"]}


def test_null_clears_the_description_and_an_empty_one_is_kept(api, path):
    assert api.send("PUT", path, {"description": None}).json()["description"] is None
    assert api.send("PUT", path, {"description": ""}).json()["description"] == ""


def test_updated_at_moves_and_created_at_never(api, task, path):
    for body in ({}, {"title": "Old"}, {"is_completed": False}):
        changed = api.send("PUT", path, body).json()
        assert changed["updated_at"] > task["updated_at"]
        assert changed["created_at"] == task["created_at"]
        task = changed


WRITES = [
    ("PUT", "", {}),
    ("PUT", "", {"title": "New"}),
    ("PATCH", "/complete", b""),
    ("PATCH", "/complete", {"is_completed": False}),
]
FUTURE = datetime(2999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
# The last time that a datetime can hold. No later one can follow.
LAST = datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
@pytest.mark.parametrize(("before", "after"), [(FUTURE, "3000-01-01T00:00:00Z"), (LAST, "9999-12-31T23:59:59.999999Z")])
def test_updated_at_moves_on_where_the_clock_is_behind_it(
    api, task, path, statements, method, suffix, body, before, after
):
    Task.objects.for_user(OWNER).update(updated_at=before)
    statements.clear()

    changed = api.send(method, path + suffix, body).json()

    assert changed["updated_at"] == after
    assert len(statements) == 1
    assert api.tasks() == [changed]


def test_each_of_many_writes_moves_updated_at_though_the_clock_stands_still(api, path, monkeypatch):
    stopped = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: stopped)

    times = [api.send("PUT", path, {}).json()["updated_at"] for _ in range(5)]

    assert times == sorted(set(times))


def test_id_and_owner_in_the_body_are_ignored(api, task, path):
    changed = api.send("PUT", path, {"title": "New", "id": "x", "user_id": "stranger"}).json()

    assert (changed["id"], changed["user_id"], changed["title"]) == (task["id"], OWNER, "New")


def test_title_is_trimmed(api, path):
    assert api.send("PUT", path, {"title": "  New "}).json()["title"] == "New"


@pytest.mark.parametrize("body", [{}, {"title": "New"}, MEMBERS, {"description": None}])
def test_update_sends_one_statement(api, path, statements, body):
    statements.clear()

    api.send("PUT", path, body)

    assert len(statements) == 1


def test_unknown_task_is_not_found_after_its_body_was_read(api):
    missing = f"/api/{OWNER}/tasks/01980000-0000-7000-8000-000000000000"

    assert api.send("PUT", missing, MEMBERS).status_code == 404
    assert api.send("PUT", missing, {"title": ""}).status_code == 422
