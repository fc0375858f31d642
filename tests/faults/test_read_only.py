"""The database takes no writes: reads go on, writes get 503, and nothing needs a restart afterwards."""

import pytest

from tests.faults.test_outages import assert_unavailable

TASKS = "/api/owner/tasks"


@pytest.fixture
def task(client):
    return client("POST", TASKS, {"title": "Old"}).body


def writes(task):
    place = f"{TASKS}/{task['id']}"
    return [
        ("POST", TASKS, {"title": "New"}),
        ("PUT", place, {"title": "New"}),
        ("PATCH", f"{place}/complete", None),
        ("PATCH", f"{place}/complete", {"is_completed": True}),
        ("DELETE", place, None),
    ]


@pytest.mark.parametrize("fault", ["read_only", "out_of_space"])
def test_reads_go_on_and_writes_are_told(primary, client, task, fault):
    before = client("GET", TASKS).body
    with getattr(primary, fault)():
        answers = [client(*write) for write in writes(task)]
        assert client("GET", TASKS).body == before
        assert client("GET", f"{TASKS}/{task['id']}").body == task
    for answer in answers:
        assert_unavailable(answer)
    assert client("GET", TASKS).body == before
    assert [client(*write).status for write in writes(task)] == [201, 200, 200, 200, 200]
