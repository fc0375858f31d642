"""Tests of the ledger: it reports every task that differs from the answers that its clients got."""

import time
from uuid import uuid4

import pytest

from tests.support.client import BROKEN, Answer
from tests.support.load import Load
from tests.support.worker import Worker

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


def test_a_write_that_only_its_tag_shows_is_told(primary, load):
    primary.execute("UPDATE tasks_task SET updated_at = now() WHERE user_id LIKE 'load-%'")
    assert load.wrong() != []


# What one client does


@pytest.fixture
def worker(client):
    return Worker(client.connection.port, f"load-{uuid4()}", 0)


@pytest.fixture
def deaf(client):
    """Sends a request, and never hears of the answer."""

    def ask(*request):
        client(*request)
        return Answer(BROKEN)

    return ask


KEY = {"Idempotency-Key": "a-key"}
ONE, TWO = [{"title": "First"}], [{"title": "First"}, {"title": "Second"}]


def create(worker, client, bodies=ONE):
    """The first of the tasks."""
    worker.create(("first", bodies, {}), client)
    return next(iter(worker.working_on.values()))


def new_title(task):
    return "PUT", task["id"], "", {"title": "New"}, task["updated_at"]


def test_a_refusal_without_a_reason_is_told(primary, client, worker):
    task = create(worker, client)
    primary.execute(f"UPDATE tasks_task SET updated_at = now() WHERE id = '{task['id']}'")
    worker.change(new_title(task), client)
    assert worker.operations[-1][:2] == ("PUT", 412)
    assert worker.wrong(client) == [worker.ledger.histories[task["id"]]]


def test_a_refusal_of_what_was_done_before_is_none(client, worker, deaf):
    worker.change(new_title(create(worker, client)), deaf)
    worker.work(client)
    assert [status for _, status, *_ in worker.operations] == [201, BROKEN, 412]
    assert worker.wrong(client) == []


@pytest.mark.parametrize("bodies", [ONE, TWO])
def test_a_create_with_a_key_is_sent_again_and_makes_no_second_task(client, worker, deaf, bodies):
    worker.create(("first", bodies, KEY), deaf)
    worker.work(client)
    assert [status for _, status, *_ in worker.operations] == [BROKEN, 201]
    assert (worker.wrong(client), len(client("GET", worker.path).body)) == ([], len(bodies))


def test_a_second_task_of_one_key_is_told(client, worker, deaf):
    worker.create(("first", ONE, KEY), deaf)
    client("POST", worker.path, ONE[0])
    worker.work(client)
    assert worker.wrong(client) == ["First"]


def test_a_batch_without_an_answer_is_there_or_not(primary, client, worker, deaf):
    worker.create(("first", TWO, {}), deaf)
    assert worker.wrong(client) == []
    primary.execute(f"DELETE FROM tasks_task WHERE user_id = '{worker.path.split('/')[2]}' AND title = 'First'")
    assert worker.wrong(client) == [["First", "Second"]]


@pytest.mark.parametrize(
    ("change", "method"),
    [("DELETE FROM tasks_task", "DELETE"), ("UPDATE tasks_task SET is_completed = true", "PATCH")],
)
def test_a_change_that_only_a_count_shows_is_told(primary, client, worker, change, method):
    task = create(worker, client, [{"title": title, "description": "first"} for title in ("First", "Second")])
    primary.execute(f"{change} WHERE id = '{task['id']}'")
    worker.change_many("first", method, True if method == "PATCH" else None, client)
    assert worker.wrong(client) == worker.ledger.wrong_counts != []
