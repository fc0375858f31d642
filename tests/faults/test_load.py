"""Tests of the ledger: it reports every task that differs from the answers that its clients got."""

import time

import pytest

from tests.support.load import Load

ANY = "id = (SELECT id FROM tasks_task WHERE user_id LIKE 'load-%' ORDER BY id LIMIT 1)"


@pytest.fixture
def load(primary, service):
    primary.execute("DELETE FROM tasks_task WHERE user_id LIKE 'load-%'")
    with Load(service.port, clients=2) as load:
        time.sleep(0.5)
    assert load.wrong() == []
    return load


@pytest.mark.parametrize(
    "change",
    [
        f"DELETE FROM tasks_task WHERE {ANY}",
        f"UPDATE tasks_task SET is_completed = NOT is_completed WHERE {ANY}",
        f"UPDATE tasks_task SET title = 'Task 1' || title WHERE {ANY}",
        "INSERT INTO tasks_task SELECT gen_random_uuid(), user_id, title, description, is_completed, created_at,"
        f" updated_at FROM tasks_task WHERE {ANY}",
    ],
    ids=["lost", "toggled twice", "overwritten", "made twice"],
)
def test_one_change_that_no_client_made_is_told(primary, load, change):
    primary.execute(change)
    assert len(load.wrong()) == 1
