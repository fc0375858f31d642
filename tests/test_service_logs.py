"""What the service writes from its own processes."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client import connect, create, send
from tests.conftest import new_database
from tests.service import Service

SECRET = "told-to-nobody"


@pytest.fixture(scope="module")
def logging_service(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("logs")
    with new_database(folder) as url, Service(url, folder / "log") as running:
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
