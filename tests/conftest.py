import atexit
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from django.db import connection
from django.test import Client
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.support import citus
from tests.support.service import ROOT, SECRET_KEY, Service
from tests.support.skips import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401 -- hooks

# A busy machine may keep an example waiting.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")
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
        or (citus.IS_USED and item.get_closest_marker("one_server"))
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


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(django_db_modify_db_settings_xdist_suffix):
    """pytest-django knows SQLite by the name of Django's own backend, and would give each process a file."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database of pytest-django, distributed in the run on Citus."""
    if not citus.IS_USED:
        yield
        return
    database = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
    citus.drop_at_workers(database)
    citus.distribute(citus.create(database))
    yield
    citus.drop_at_workers(database)


@pytest.fixture(scope="session", autouse=True)
def static_files_are_read_once():
    """Each client makes the middleware anew, and WhiteNoise opens every static file then: 25 ms of CPU a test."""
    files, read = {}, WhiteNoiseMiddleware.add_files_from_finders

    def add_files(middleware):
        if not files:
            read(middleware)
            files.update(middleware.files)
        middleware.files.update(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


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
def new_database(folder, *, is_migrated=True):
    """The URL of a database without tasks, of the same kind as this run's."""
    name = f"live_{secrets.token_hex(4)}"
    if connection.vendor == "sqlite":
        if is_migrated:
            shutil.copy(migrated_file(), folder / f"{name}.sqlite3")
        yield f"sqlite:///{folder}/{name}.sqlite3"
        return
    if citus.IS_USED:
        with citus.citus_database() as url:
            if is_migrated:
                migrate(url)
                citus.distribute(url)
            yield url
        return
    on_server(f"CREATE DATABASE {name} TEMPLATE {migrated_template() if is_migrated else 'template1'}")
    try:
        yield url_of(name)
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(name):
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def on_server(statement):
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(statement)


@cache
def migrated_file():
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    migrate(f"sqlite:///{folder}/template.sqlite3")
    return folder / "template.sqlite3"


@cache
def migrated_template():
    name = f"template_{secrets.token_hex(4)}"
    on_server(f"CREATE DATABASE {name}")
    atexit.register(on_server, f"DROP DATABASE {name}")
    migrate(url_of(name))
    return name


def migrate(url):
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}, check=True)


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
