"""The database takes no writes: reads go on, writes get 503, and nothing needs a restart afterwards."""

import pytest

from tests.faults.test_outages import NO_WRITES, assert_unavailable

TASKS = "/api/owner/tasks"


@pytest.fixture
def task(client):
    return client("POST", TASKS, {"title": "Old"}).body


ALL = f"{TASKS}?created_after=2000-01-01T00:00:00Z"
STATUSES = [201, 201, 201, 201, 200, 200, 200, 200, 200, 200, 200]


def writes(task):
    """One of each kind. In this order each of them has something to do."""
    place, two = f"{TASKS}/{task['id']}", {"tasks": [{"title": "New"}, {"title": "Newer"}]}
    return [
        ("POST", TASKS, {"title": "New"}),
        ("POST", TASKS, {"title": "New"}, {"Idempotency-Key": task["id"]}),
        ("POST", f"{TASKS}/batch", two),
        ("POST", f"{TASKS}/batch", two, {"Idempotency-Key": f"two-{task['id']}"}),
        ("PUT", place, {"title": "New"}, {"If-Match": f'"{task["updated_at"]}"'}),
        ("PUT", place, {"title": "New"}),
        ("PATCH", f"{place}/complete", None),
        ("PATCH", f"{place}/complete", {"is_completed": True}),
        ("PATCH", ALL, {"is_completed": True}),
        ("DELETE", place, None, {"If-Match": "*"}),
        ("DELETE", ALL, None),
    ]


@pytest.mark.parametrize("fault", ["read_only", "out_of_space"])
def test_reads_go_on_and_writes_are_told(primary, client, task, fault):
    before = client("GET", TASKS).body
    with getattr(primary, fault)():
        answers = [client(*write) for write in writes(task)]
        assert client("GET", TASKS).body == before
        assert client("GET", f"{TASKS}/{task['id']}").body == task
    for answer in answers:
        assert_unavailable(answer, NO_WRITES)
    assert client("GET", TASKS).body == before
    assert [client(*write).status for write in writes(task)] == STATUSES
