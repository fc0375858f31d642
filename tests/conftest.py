import json
import os
import secrets
import signal
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.test import Client

from tests.support.service import Service
from tests.support.skips import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401 -- hooks

# A shell starts a suite in the background with SIGINT ignored, and the commands under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

OWNER = "owner"
STRANGER = "stranger"
JSON = "application/json"
SECRET_OF_TOKENS = "only-for-tests-" + "0123456789abcdef" * 2
METRICS_TOKEN = "only-for-tests-0123456789"
# Of a page that may call `guarded_service`.
ORIGIN = "https://app.example"


def pytest_collection_modifyitems(config, items):
    """Runs each test where it belongs: with one database only, or with the project's own worker only."""
    is_stock = "gthread" in os.environ.get("GUNICORN_CMD_ARGS", "")
    others = [
        item
        for item in items
        if any(mark.args != (connection.vendor,) for mark in item.iter_markers("run_once"))
        or (is_stock and item.get_closest_marker("own_worker"))
    ]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


class ApiClient(Client):
    """Sends a path and a body unchanged, with the path in RAW_URI as gunicorn has it."""

    def send(self, method, path, body=b"", content_type=JSON, **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"x_request_id": "test"} | headers
        environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        return self.generic(method, path, body, content_type, RAW_URI=path.encode().decode("latin-1"), **environ)

    def create(self, user_id=OWNER, /, **members):
        response = self.send("POST", f"/api/{user_id}/tasks", {"title": "A task"} | members)
        assert response.status_code == 201, response.content
        return response.json()

    def tasks(self, user_id=OWNER):
        return self.send("GET", f"/api/{user_id}/tasks").json()


class Statements:
    """Records the SQL. A statement on the tasks' table that is not bound by a user id raises, and is not sent."""

    def __init__(self):
        self.sent = []

    def __call__(self, execute, sql, params, many, context):
        self.sent.append(sql)
        if "tasks_task" in sql:
            assert is_bound_by_user(sql), f"not bound by user_id: {sql}"
        return execute(sql, params, many, context)


def is_bound_by_user(sql):
    if sql.startswith("INSERT"):
        return '"user_id"' in sql
    return '"user_id" = ' in sql.partition(" WHERE ")[2]


@pytest.fixture
def statements():
    recorder = Statements()
    with connection.execute_wrapper(recorder):
        yield recorder.sent


@pytest.fixture
def api(db, statements):
    """The API in this process. Each of its statements is checked to be bound by user_id."""
    return ApiClient(raise_request_exception=False)


@contextmanager
def new_database(folder):
    """The URL of an empty database, of the same kind as this run's."""
    name = f"live_{secrets.token_hex(4)}"
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/{name}.sqlite3"
        return
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def service(tmp_path_factory, django_db_setup):
    """The service as `python3 run.py` starts it, with its own socket and database."""
    folder: Path = tmp_path_factory.mktemp("service")
    with new_database(folder) as url, Service(url, folder / "log") as running:
        yield running


@pytest.fixture(scope="session")
def guarded_service(tmp_path_factory, django_db_setup):
    """The service with a secret for tokens, as its variables alone make it."""
    folder = tmp_path_factory.mktemp("guarded")
    variables = {
        "AUTH_JWT_SECRET": SECRET_OF_TOKENS,
        "METRICS_TOKEN": METRICS_TOKEN,
        "CORS_ALLOWED_ORIGINS": ORIGIN,
    }
    with new_database(folder) as url, Service(url, folder / "log", **variables) as running:
        yield running
