"""A connection to the database breaks: the service repeats what is safe to repeat, and does nothing else twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.test_read_only import STATUSES, writes

TASKS = "/api/owner/tasks"
UNAVAILABLE = {"detail": "The database is not available, try again soon"}
REPEATED = [
    ("GET", "", None),
    ("PUT", "", {"title": "New"}),
    ("PUT", "", {"description": None, "is_completed": True}),
    ("PATCH", "/complete", {"is_completed": True}),
]
TOGGLE, DELETE = ("PATCH", "/complete", None), ("DELETE", "", None)


@pytest.fixture
def task(client):
    return client("POST", TASKS, {"title": "Old"}).body


def expected(task, body, answer):
    return task | (body or {}) | {"updated_at": answer["updated_at"]}


# The connection breaks between requests


@pytest.mark.parametrize(("method", "suffix", "body"), [*REPEATED, TOGGLE])
def test_nobody_notices_a_connection_dropped_while_idle(primary, client, task, method, suffix, body):
    assert primary.terminate() > 0
    answer = client(method, f"{TASKS}/{task['id']}{suffix}", body)
    assert answer.status == 200
    change = {"is_completed": True} if method == "PATCH" else body
    assert answer.body == expected(task, change, answer.body)
    assert client("GET", f"{TASKS}/{task['id']}").body == answer.body


def test_no_other_operation_notices_it_either(primary, client, task):
    requests = [*writes(task), ("GET", TASKS)]
    statuses = []
    for request in requests:
        primary.terminate()
        statuses.append(client(*request).status)
    assert statuses == [*STATUSES, 200]
    assert client("GET", TASKS).body == []


# The connection breaks while a statement runs


def answered_while_dropped(primary, lock, client, *request):
    """The answer to a request whose connection to the database ends while its statement waits for a lock."""
    with ThreadPoolExecutor(1) as thread:
        with lock:
            answer = thread.submit(client, *request)
            primary.terminate_the_one_that_waits()
        return answer.result()


@pytest.mark.parametrize(("method", "suffix", "body"), REPEATED)
def test_what_is_safe_to_repeat_is_repeated(primary, client, task, method, suffix, body):
    lock = primary.locked_table()
    answer = answered_while_dropped(primary, lock, client, method, f"{TASKS}/{task['id']}{suffix}", body)
    assert (answer.status, answer.body) == (200, expected(task, body, answer.body))


def test_a_create_is_repeated(primary, client):
    lock = primary.locked_table()
    answer = answered_while_dropped(primary, lock, client, "POST", "/api/creator/tasks", {"title": "Once"})
    assert answer.status == 201
    assert client("GET", "/api/creator/tasks").body == [answer.body]


@pytest.mark.parametrize(("method", "suffix", "body"), [TOGGLE, DELETE])
def test_a_toggle_and_a_delete_are_not(primary, client, task, method, suffix, body):
    lock = primary.locked(task["id"])
    answer = answered_while_dropped(primary, lock, client, method, f"{TASKS}/{task['id']}{suffix}", body)
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (503, UNAVAILABLE, "2")
    assert client("GET", f"{TASKS}/{task['id']}").body == task
