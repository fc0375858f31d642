"""The log line of each request, the id of a request, and what no line holds."""

import contextlib
import io
import json
import logging
import os
import pty
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from tasks.models import Task
from tasks.statements import PAGE_SIZE
from tests.conftest import OWNER, ApiClient
from todo_project.observability import logs, request_log
from todo_project.observability.middleware import ObservationMiddleware

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
SECRET = "told-to-nobody"
logger = logging.getLogger("tests.logs")


@pytest.fixture
def request_lines(capfd):
    """The lines that requests have written to stdout since the last call."""
    return lambda: [json.loads(line) for line in capfd.readouterr().out.splitlines()]


@pytest.fixture
def other_lines():
    """The lines that went through logging, as settings.LOGGING writes them where stderr is not a terminal."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.RequestIdFilter())
    handler.setFormatter(logs.JSONFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@contextlib.contextmanager
def stdout_as(descriptor):
    before = os.dup(1)
    os.dup2(descriptor, 1)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


# The line of a request


def test_request_leaves_one_line(api, request_lines):
    response = api.send("POST", f"/api/{OWNER}/tasks", {"title": "A task"}, x_request_id="mine")

    [line] = request_lines()
    assert re.fullmatch(TIME, line.pop("time"))
    assert line.pop("milliseconds") > 0
    assert line == {
        "level": "info",
        "logger": "request",
        "request_id": "mine",
        "method": "POST",
        "route": "/api/{user_id}/tasks",
        "status": 201,
        "statements": 1,
        "bytes": len(response.content),
    }


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "statements"),
    [
        ("GET", f"/api/{OWNER}/tasks", "/api/{user_id}/tasks", 200, 1),
        ("HEAD", f"/api/{OWNER}/tasks", "/api/{user_id}/tasks", 200, 1),
        ("GET", f"/api/{OWNER}/tasks/no-uuid", "/api/{user_id}/tasks/{task_id}", 404, 0),
        ("PATCH", f"/api/{OWNER}/tasks/x/complete?a=b", "/api/{user_id}/tasks/{task_id}/complete", 404, 0),
        ("GET", "/", "/", 200, 0),
        ("GET", "/health", "/health", 200, 0),
        ("GET", "/nothing/here", "unmatched", 404, 0),
        ("GET", "/static/admin/css/base.css", "unmatched", 200, 0),
    ],
)
def test_line_names_the_template_of_the_path_and_counts(api, request_lines, method, path, route, status, statements):
    response = api.send(method, path)

    [line] = request_lines()
    seen = (line["method"], line["route"], line["status"], line["statements"], line["bytes"])
    assert seen == (method, route, status, statements, len(response.getvalue()))


def test_method_that_nobody_knows_is_not_repeated(api, request_lines):
    api.send("TITLE-OF-A-TASK", "/")

    assert [line["method"] for line in request_lines()] == ["OTHER"]


def test_statements_are_counted_once_after_a_reconnection(api, request_lines):
    request_log.install_counter(connection)
    request_log.install_counter(connection)
    api.tasks()

    assert [line["statements"] for line in request_lines()] == [1]


def test_streamed_answer_leaves_its_line_at_its_end(api, request_lines):
    Task.objects.bulk_create([Task(user_id=OWNER, title="A task") for _ in range(PAGE_SIZE + 1)])
    response = api.send("GET", f"/api/{OWNER}/tasks")
    assert request_lines() == []

    size = len(response.getvalue())

    [line] = request_lines()
    assert (line["bytes"], line["statements"], line["request_id"]) == (size, 2, response["X-Request-ID"])


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_no_line_from_the_level_of_warnings_on(db, settings, capfd, level):
    settings.LOG_LEVEL = level
    response = ApiClient().send("GET", "/health")

    assert (capfd.readouterr().out, "X-Request-ID" in response) == ("", True)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/health", r"200 GET /health [\d.]+ ms, 0 SQL, 20 bytes \[mine\]"),
        (
            "/api/me/tasks",
            r"401 GET /api/\{user_id\}/tasks [\d.]+ ms, 0 SQL, 30 bytes \[mine\], refused: no token",
        ),
    ],
)
def test_line_is_plain_in_a_terminal(db, path, line):
    master, terminal = pty.openpty()
    with stdout_as(terminal):
        ApiClient().send("GET", path, x_request_id="mine")
    # Without an end of the test's own, a read would wait for ever where no line was written.
    os.write(terminal, b"end\n")
    written = b""
    while not written.endswith(b"end\r\n"):
        written += os.read(master, 1000)

    assert re.fullmatch(rf"\d\d:\d\d:\d\d {line}\r\nend\r\n", written.decode()), written


def test_log_that_nobody_reads_fails_no_request(api):
    reader, writer = os.pipe()
    os.close(reader)
    with stdout_as(writer):
        assert api.send("GET", "/health").status_code == 200


# The id of a request


@pytest.mark.parametrize("sent", ["a", "0193-4a.B_c", "x" * 128])
def test_well_formed_request_id_is_taken_over(api, request_lines, sent):
    response = api.send("GET", "/nothing", x_request_id=sent)

    assert (response["X-Request-ID"], request_lines()[0]["request_id"]) == (sent, sent)


@pytest.mark.parametrize("sent", ["", " ", "a b", "a\tb", "é", 'a"b', "x" * 129, "a\n"])
def test_any_other_request_id_is_replaced(api, request_lines, sent):
    made = [api.send("GET", "/health", x_request_id=sent)["X-Request-ID"] for _ in range(2)]

    assert [line["request_id"] for line in request_lines()] == made
    assert [request_id for request_id in made if not re.fullmatch("[0-9a-f]{16}", request_id)] == []
    assert made[0] != made[1]


def test_request_without_an_id_gets_one(api, request_lines):
    made = api.get("/health")["X-Request-ID"]

    assert re.fullmatch("[0-9a-f]{16}", made)
    assert [line["request_id"] for line in request_lines()] == [made]


def test_id_stands_on_each_line_of_its_request_and_on_no_later_one(api, other_lines, monkeypatch):
    monkeypatch.setattr("tasks.statements.LIST.build", lambda task: 1 / 0)
    monkeypatch.setattr("tasks.statements.LIST.compiled", {})
    api.send("GET", f"/api/{OWNER}/tasks", x_request_id="mine")
    logger.warning("Between two requests")

    fault, later = other_lines()
    assert (fault["request_id"], later["request_id"]) == ("mine", None)
    assert (fault["level"], fault["logger"]) == ("error", "django.request")
    assert fault["message"] == "Internal server error: api/<user_id:user_id>/tasks"
    assert re.fullmatch(r"Traceback.*\nZeroDivisionError: division by zero", fault["traceback"], re.DOTALL)
    assert later["message"] == "Between two requests"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="tests/faults/test_read_only.py has a PostgreSQL for it")
def test_database_that_takes_no_writes_leaves_one_line(api, other_lines):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        response = api.send("POST", f"/api/{OWNER}/tasks", {"title": "A task"})
        cursor.execute("PRAGMA query_only = OFF")

    assert response.json() == {"detail": "The database takes no writes at the moment, try again soon"}
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    [line] = other_lines()
    assert (line["level"], line["logger"]) == ("error", "django.request")
    assert line["message"] == "The database takes no writes at the moment: attempt to write a readonly database"
    assert "traceback" not in line


def test_fault_in_a_streamed_answer_keeps_its_id_until_the_server_logs_it(other_lines):
    answer = ObservationMiddleware(lambda request: StreamingHttpResponse(1 / 0 for _ in range(1)))
    response = answer(RequestFactory().get("/", headers={"X-Request-ID": "mine"}))
    try:
        b"".join(response.streaming_content)
    except ZeroDivisionError:
        logger.exception("As gunicorn logs it")

    assert [line["request_id"] for line in other_lines()] == ["mine"]


# What no line holds


def test_row_that_the_database_refuses_is_not_repeated(db, other_lines):
    try:
        with transaction.atomic():
            Task.objects.create(user_id=OWNER, title="", description=f"{SECRET}\n\nTraceback {SECRET}")
    except IntegrityError:
        logger.exception("Refused")

    [line] = other_lines()
    assert "IntegrityError" in line["traceback"]
    assert SECRET not in json.dumps(line)
    assert (logs.LEFT_OUT in line["traceback"]) is (connection.vendor == "postgresql")


def test_text_that_json_cannot_hold_is_logged_escaped():
    # The test uses no logger: pytest would keep the text, and xdist cannot send it.
    record = logging.makeLogRecord({"msg": "A path of %s", "args": ("\udcff",)})

    assert json.loads(logs.JSONFormatter().format(record))["message"] == "A path of \\udcff"
