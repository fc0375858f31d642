"""What the service writes from its own processes."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.conftest import new_database
from tests.support.client import connect, create, send, send_bytes
from tests.support.service import ROOT, Service

SECRET = "told-to-nobody"


@contextmanager
def logging(folder, **environment):
    with new_database(folder) as url, Service(url, folder / "log", **environment) as running:
        yield running


@pytest.fixture(scope="module")
def logging_service(tmp_path_factory, django_db_setup):
    with logging(tmp_path_factory.mktemp("logs")) as running:
        yield running


def lines_of(service):
    """All lines but the welcome that `manage.py serve` prints before the server starts."""
    text = service.log.read_text()
    return [json.loads(line) for line in text[text.index('{"time"') :].splitlines()]


def test_processes_and_threads_write_whole_lines(logging_service):
    def ask(number):
        with connect(logging_service) as connection:
            for count in range(25):
                send(connection, "GET", "/health", **{"X-Request-ID": f"whole-{number}-{count}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    seen = [line["request_id"] for line in lines_of(logging_service) if str(line["request_id"]).startswith("whole-")]
    assert sorted(seen) == sorted(f"whole-{number}-{count}" for number in range(8) for count in range(25))


def test_no_two_requests_are_given_the_same_id_whichever_process_answers(logging_service):
    def ask(_):
        with connect(logging_service) as connection:
            for _ in range(25):
                send(connection, "GET", "/api/nobody/tasks")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    lines = [line for line in lines_of(logging_service) if line.get("route") == "/api/{user_id}/tasks"]
    given = {line["request_id"] for line in lines if line["method"] == "GET"}
    assert len(given) == 200
    assert {len(request_id) for request_id in given} == {16}


def test_a_streamed_answer_has_one_line_of_its_own_whoever_has_made_its_parts(logging_service):
    command = [sys.executable, "manage.py", "seed_tasks", "--user-id", "streamed", "--tasks", "6500"]
    subprocess.run(command, cwd=ROOT, env=logging_service.environment, check=True, stdout=subprocess.DEVNULL)

    def ask(number):
        with connect(logging_service) as connection:
            for count in range(4):
                send(connection, "GET", "/api/streamed/tasks", **{"X-Request-ID": f"streamed-{number}-{count}"})
                send(connection, "GET", "/health")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    lines = [line for line in lines_of(logging_service) if str(line["request_id"]).startswith("streamed-")]
    assert sorted(line["request_id"] for line in lines) == [f"streamed-{n}-{m}" for n in range(8) for m in range(4)]
    assert {line["statements"] for line in lines} == {4}


def test_server_logs_in_the_same_form(logging_service):
    messages = {line["message"] for line in lines_of(logging_service) if line["logger"] == "gunicorn.error"}

    assert any(message.startswith("Listening at: ") for message in messages)


def test_nothing_of_a_task_or_of_credentials_is_logged(logging_service):
    create(logging_service, f"user-{SECRET}", f"title {SECRET}", description=SECRET)
    with connect(logging_service) as connection:
        headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"sessionid={SECRET}"}
        assert send(connection, "POST", f"/api/{SECRET}/tasks?{SECRET}", f'{{"title": {SECRET}}}', **headers)[0] == 422
        login = f"username=admin&password={SECRET}"
        send(connection, "POST", "/admin/login/", login, **{"Content-Type": "application/x-www-form-urlencoded"})

    assert SECRET not in logging_service.log.read_text()
    assert SECRET not in logging_service.environment["DATABASE_URL"]


NO_REQUESTS = [
    f"GET /api/{SECRET}/\xe9/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization Bearer {SECRET}\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\nX-{SECRET}: \0\r\n\r\n",
    f"{SECRET} /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/9.9 {SECRET}\r\nHost: localhost\r\n\r\n",
    f"GET http://[{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


@pytest.mark.no_database("sqlite")
@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize("worker", ["", "--worker-class gthread"], ids=["our worker", "gthread"])
def test_nothing_of_what_is_no_request_is_logged(tmp_path, django_db_setup, worker, level):
    with logging(tmp_path, GUNICORN_CMD_ARGS=worker, LOG_LEVEL=level) as running:
        for sent in NO_REQUESTS:
            assert b" 400 Bad Request" in send_bytes(running, sent.encode("latin-1"))
        send_bytes(running, NO_REQUESTS[0][:60].encode("latin-1"), cut=True)
        logged = running.log.read_text()
    assert logged.count('"level":"warning"') >= len(NO_REQUESTS)
    assert SECRET not in logged
