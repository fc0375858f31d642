"""A connection to the database breaks: the service repeats what is safe to repeat, and does nothing else twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.client import Client
from tests.support.proxy import PARSE, Proxy
from tests.support.service import Service

TASKS = "/api/owner/tasks"
UNAVAILABLE = {"detail": "The database is not available, try again soon"}
REPEATED = [
    ("GET", "", None),
    ("PUT", "", {"title": "New"}),
    ("PUT", "", {"description": None, "is_completed": True}),
    ("PATCH", "/complete", {"is_completed": True}),
]
TOGGLE, DELETE = ("PATCH", "/complete", None), ("DELETE", "", None)


@pytest.fixture(scope="module")
def far(primary, running, tmp_path_factory):
    """A client of the service, and a proxy between the service and its database."""
    with Proxy(primary.port) as proxy:
        url = primary.url().replace(f":{primary.port}/", f":{proxy.port}/")
        with Service(url, tmp_path_factory.mktemp("far") / "log") as service, Client(service.port) as client:
            yield client, proxy


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


def test_creating_deleting_and_listing_do_not_notice_it_either(primary, client, task):
    primary.terminate()
    created = client("POST", TASKS, {"title": "Another"})
    primary.terminate()
    listed = client("GET", TASKS)
    primary.terminate()
    deleted = client("DELETE", f"{TASKS}/{task['id']}")
    assert (created.status, listed.status, deleted.status) == (201, 200, 200)
    assert created.body in listed.body
    assert client("GET", f"{TASKS}/{task['id']}").status == 404


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


# The statement is done, but its answer is lost


@pytest.mark.parametrize(("method", "suffix", "body"), REPEATED)
def test_a_statement_whose_answer_is_lost_is_repeated_where_that_is_safe(far, task, method, suffix, body):
    client, proxy = far
    with proxy.losing_an_answer():
        answer = client(method, f"{TASKS}/{task['id']}{suffix}", body)
    assert (answer.status, answer.body) == (200, expected(task, body, answer.body))


@pytest.mark.parametrize("after", [0, 20_000, 100_000])
def test_a_list_that_breaks_off_comes_whole_and_each_task_once(primary, far, after):
    client, proxy = far
    user_id = f"long-{after}"
    primary.execute(f"""
        INSERT INTO tasks_task SELECT gen_random_uuid(), '{user_id}', 'Task ' || n, NULL, false, now(), now()
        FROM generate_series(1, 1000) AS n
    """)
    with proxy.losing_an_answer(after=after):
        answer = client("GET", f"/api/{user_id}/tasks")
    ids = [task["id"] for task in answer.body]
    assert (answer.status, len(ids), ids) == (200, 1000, sorted(set(ids)))


def test_a_create_whose_answer_is_lost_makes_one_task(far):
    client, proxy = far
    with proxy.losing_an_answer():
        answer = client("POST", "/api/far/tasks", {"title": "Once"})
    assert answer.status == 201
    assert client("GET", "/api/far/tasks").body == [answer.body]


def test_a_toggle_whose_answer_is_lost_is_done_once_and_not_acknowledged(far, task):
    client, proxy = far
    with proxy.losing_an_answer():
        answer = client("PATCH", f"{TASKS}/{task['id']}/complete")
    assert (answer.status, answer.body) == (503, UNAVAILABLE)
    assert client("GET", f"{TASKS}/{task['id']}").body["is_completed"] is True


def test_a_delete_whose_answer_is_lost_is_no_false_404(far, task):
    client, proxy = far
    with proxy.losing_an_answer():
        answer = client("DELETE", f"{TASKS}/{task['id']}")
    assert (answer.status, answer.body) == (503, UNAVAILABLE)
    assert client("GET", f"{TASKS}/{task['id']}").status == 404


@pytest.mark.parametrize(("method", "suffix", "body"), [TOGGLE, DELETE])
def test_what_was_not_sent_yet_is_sent_again(primary, far, task, method, suffix, body):
    """The service prepares a statement before it executes it. If the answer to that is lost, no task has changed."""
    client, proxy = far
    primary.terminate()
    with proxy.losing_an_answer(PARSE):
        answer = client(method, f"{TASKS}/{task['id']}{suffix}", body)
    assert answer.status == 200
    after = client("GET", f"{TASKS}/{task['id']}")
    assert after.status == 404 if method == "DELETE" else after.body["is_completed"] is True
