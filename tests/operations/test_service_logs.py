"""What the processes of a running service log."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from testbed.session import Session, create_admin
from tests.conftest import new_database
from tests.operations.test_metrics import run_sql
from tests.support.client import connect, create, send, send_bytes
from tests.support.service import ROOT, SECRET_KEY, Gunicorn
from tests.support.waiting import until

SECRET = "told-to-nobody"


@contextmanager
def logging(folder, **environment):
    with new_database(folder) as url, Gunicorn(url, folder / "log", **environment) as running:
        yield running


@pytest.fixture(scope="module")
def logging_service(tmp_path_factory, django_db_setup):
    with logging(tmp_path_factory.mktemp("logs")) as running:
        yield running


def lines_of(service):
    """All lines except the welcome that `manage.py serve` prints before the server starts."""
    text = service.log.read_text()
    return [json.loads(line) for line in text[text.index('{"time"') :].splitlines()]


@pytest.mark.run_once("sqlite")
def test_processes_and_threads_write_whole_lines(logging_service):
    def ask(number):
        with connect(logging_service) as connection:
            for count in range(25):
                send(connection, "GET", "/health", **{"X-Request-ID": f"whole-{number}-{count}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    seen = [line["request_id"] for line in lines_of(logging_service) if str(line["request_id"]).startswith("whole-")]
    assert sorted(seen) == sorted(f"whole-{number}-{count}" for number in range(8) for count in range(25))


@pytest.mark.run_once("sqlite")
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


@pytest.mark.run_once("sqlite")
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


@pytest.mark.run_once("sqlite")
def test_server_logs_in_the_same_form(logging_service):
    messages = {line["message"] for line in lines_of(logging_service) if line["logger"] == "gunicorn.error"}

    assert any(message.startswith("Listening at: ") for message in messages)


# What no line holds, at any level and with either worker


WORKERS = {"our worker": "", "gthread": "--worker-class gthread"}


@pytest.fixture(scope="module", params=WORKERS)
def talkative(request, tmp_path_factory, django_db_setup):
    """The service at LOG_LEVEL=debug, which writes the most. Each secret in its settings holds SECRET."""
    own = {"LOG_LEVEL": "debug", "METRICS_TOKEN": f"metrics-{SECRET}", "SECRET_KEY": f"{SECRET}-{SECRET_KEY}"}
    folder = tmp_path_factory.mktemp("talkative")
    with logging(folder, GUNICORN_CMD_ARGS=WORKERS[request.param], **own) as running:
        yield running


@pytest.fixture
def logged_since(talkative):
    """The lines that the service has written to stdout and stderr since the test began, once the last one is there."""
    start = len(talkative.log.read_text())

    def lines():
        with connect(talkative) as connection:
            send(connection, "GET", "/health", **{"X-Request-ID": "the-last"})
        until(lambda: '"the-last"' in talkative.log.read_text()[start:])
        return [json.loads(line) for line in talkative.log.read_text()[start:].splitlines()]

    return lines


def statuses_of_requests(lines):
    """The status of each request in the log, except the last request, /health."""
    return [line["status"] for line in lines if line["logger"] == "request"][:-1]


@pytest.mark.run_once("sqlite")
def test_log_begins_with_what_debug_adds_and_holds_no_setting_that_is_secret(talkative):
    text = talkative.log.read_text()
    assert "Current configuration:" in text
    assert SECRET not in text


def test_no_request_to_the_api_leaves_its_user_its_task_or_its_credentials_in_the_log(talkative, logged_since):
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"sessionid={SECRET}", f"X-{SECRET}": SECRET}
    task = create(talkative, f"user-{SECRET}", f"title {SECRET}", description=SECRET)
    one = f"/api/user-{SECRET}/tasks/{task['id']}"
    requests = [
        ("GET", f"/api/user-{SECRET}/tasks?q={SECRET}", None, 200),
        ("PUT", one, json.dumps({"title": SECRET, "description": SECRET}), 200),
        ("PATCH", f"{one}/complete", None, 200),
        ("PUT", f"/api/user-{SECRET}/tasks/{SECRET}", json.dumps({"title": SECRET}), 404),
        ("POST", f"/api/user-{SECRET}/tasks", f'{{"title": {SECRET}}}', 422),
        ("POST", f"/api/user-{SECRET}/tasks", json.dumps({"title": SECRET * 100}), 422),
        ("POST", f"/api/user-{SECRET}/tasks", SECRET * 10_000, 413),
        ("GET", f"/{SECRET}/{SECRET}", None, 404),
        ("DELETE", one, None, 200),
    ]
    for method, path, body, status in requests:
        with connect(talkative) as connection:
            assert send(connection, method, path, body, **headers)[0] == status

    lines = logged_since()
    assert statuses_of_requests(lines) == [201, *(status for *_, status in requests)]
    assert SECRET not in json.dumps(lines)


def test_method_that_nobody_knows_is_not_in_the_log(talkative, logged_since):
    with connect(talkative) as connection:
        status, _ = send(connection, SECRET.upper(), "/api/a-user/tasks")

    lines = logged_since()
    methods = [line["method"] for line in lines if line["logger"] == "request"]
    # Our worker refuses the method, and gunicorn's worker passes it on.
    assert (status, methods) in [(400, ["GET"]), (405, ["OTHER", "GET"])]
    assert SECRET.upper() not in json.dumps(lines)


def test_statement_that_fails_leaves_its_values_out_of_the_log(talkative, logged_since):
    url = talkative.environment["DATABASE_URL"]
    run_sql(url, "ALTER TABLE tasks_task RENAME TO elsewhere")
    try:
        with connect(talkative) as connection:
            status, _ = send(connection, "POST", f"/api/{SECRET}/tasks", json.dumps({"title": SECRET}))
    finally:
        run_sql(url, "ALTER TABLE elsewhere RENAME TO tasks_task")

    lines = logged_since()
    assert status in (500, 503)
    assert [line["request_id"] for line in lines if line["logger"] == "django.request"] != []
    assert SECRET not in json.dumps(lines)


@pytest.mark.run_once("sqlite")
def test_metrics_leave_their_token_out_of_the_log(talkative, logged_since):
    tokens = [f"metrics-{SECRET}", SECRET]
    with connect(talkative) as connection:
        told = [send(connection, "GET", "/metrics", Authorization=f"Bearer {token}")[0] for token in tokens]

    lines = logged_since()
    assert told == statuses_of_requests(lines) == [200, 401]
    assert SECRET not in json.dumps(lines)


@pytest.mark.run_once("sqlite")
def test_admin_leaves_passwords_sessions_and_what_it_shows_out_of_the_log(talkative, logged_since):
    create_admin(talkative.environment, "admin", SECRET)
    admin, guesser = Session(talkative.port), Session(talkative.port)
    create(talkative, f"user-{SECRET}", f"title {SECRET}")
    assert admin.log_in("admin", SECRET) == 302
    assert admin.send("GET", f"/admin/tasks/task/?q={SECRET}&user_id=user-{SECRET}").status == 200
    form = {"title": SECRET, "user_id": SECRET, "description": SECRET}
    assert admin.send("POST", "/admin/tasks/task/add/", form).status == 302
    assert [guesser.log_in("admin", f"wrong-{SECRET}") for _ in range(5)] == [200, 200, 200, 200, 429]
    # As if someone typed the password in place of the name.
    assert guesser.log_in(SECRET, "wrong") == 200
    cookies = {cookie.value for client in (admin, guesser) for cookie in client.cookies.values()}

    lines = logged_since()
    text = json.dumps(lines)
    assert sum("login failure by" in line.get("message", "") for line in lines) == 6
    assert [secret for secret in {SECRET, *cookies} if secret in text] == []


NO_REQUESTS = [
    f"GET /api/{SECRET}/\xe9/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization Bearer {SECRET}\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\nX-{SECRET}: \0\r\n\r\n",
    f"{SECRET} /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    f"GET /api/{SECRET}/tasks HTTP/9.9 {SECRET}\r\nHost: localhost\r\n\r\n",
    f"GET http://[{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


def test_nothing_of_what_is_no_request_is_logged(talkative, logged_since):
    for sent in NO_REQUESTS:
        assert b" 400 Bad Request" in send_bytes(talkative, sent.encode("latin-1"))
    send_bytes(talkative, NO_REQUESTS[0][:60].encode("latin-1"), cut=True)

    lines = logged_since()
    assert [line["level"] for line in lines].count("warning") >= len(NO_REQUESTS)
    assert SECRET not in json.dumps(lines)
