"""The suite itself: it reads nothing of the user's, and ends a test that hangs."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from testbed.processes import exists
from tests.support.service import ROOT
from tests.support.waiting import until

pytestmark = pytest.mark.run_once("sqlite")

OWN_FILES = ("gunicorn.conf.py", "manage.py", "openapi.json", "pytest.ini")
OWN_FOLDERS = ("docs", "todo_project", "tasks", "testbed", "tests")
# What anyone has after a day's use. Each line has made tests fail.
HOSTILE_ENV = """\
DEBUG=on
LOG_LEVEL=warning
WEB_CONCURRENCY=1
HOST=0.0.0.0
PORT=1
ALLOWED_HOSTS=api.example.com
METRICS_TOKEN=a-token-of-the-users-own
PROXY_SSL_HEADER=X-Forwarded-Proto
CORS_ALLOWED_ORIGINS=https://app.example.com
AUTH_JWT_SECRET=0123456789abcdef0123456789abcdef
AUTH_ISSUER=https://app.example.com
DATABASE_WAIT_SECONDS=1
STATEMENT_TIMEOUT_MS=100
DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing
"""
HOSTILE_VARIABLES = {
    "DJANGO_SETTINGS_MODULE": "no_such_module",
    "http_proxy": "http://127.0.0.1:1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
    "LC_ALL": "xx_YY.UTF-8",
    "LANGUAGE": "de",
    "TZ": "Pacific/Kiritimati",
    "PYTHONIOENCODING": "cp1252",
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "ignore",
    "PYTHONOPTIMIZE": "",
    "NO_COLOR": "1",
    "FORCE_COLOR": "1",
    "DJANGO_COLORS": "light",
    "COLUMNS": "20",
    "PGHOST": "db.example.com",
    "PGPORT": "1",
    "PGUSER": "stranger",
    "PGPASSWORD": "wrong",
    "PGDATABASE": "nothing",
    "PGSSLMODE": "verify-full",
    "PGOPTIONS": "-c statement_timeout=1",
    "PGCLIENTENCODING": "LATIN1",
    "PGTZ": "Pacific/Kiritimati",
    "PGSERVICE": "nothing",
    "PGDATA": "/nothing",
    "ENV_FILE": "/nothing",
    "SCRIPT_NAME": "/svc",
    "SECRET_KEY": "too short",
}
SLICE = ["tests/operations/test_logs.py", "tests/operations/test_metrics.py", "tests/http/test_live.py"]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project, of which a test may change files."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in OWN_FILES:
        shutil.copy(ROOT / name, folder)
    for name in OWN_FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    return folder


def run(folder, *arguments, **variables):
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-q", "--timeout=60"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    done = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_users_env_file_and_variables_change_no_outcome(checkout):
    (checkout / ".env").write_text(HOSTILE_ENV)
    variables = HOSTILE_VARIABLES | dict(line.split("=", 1) for line in HOSTILE_ENV.split())
    variables["DATABASE_URL"] = "sqlite:///db.sqlite3"

    code, printed = run(checkout, *SLICE, **variables)

    assert code == pytest.ExitCode.OK, printed
    assert (checkout / ".env").read_text() == HOSTILE_ENV


# A test that hangs

HANGS = {
    "in Python": "import time\n\ndef test_hangs():\n    time.sleep(60)\n",
    "in its fixture's end": """
import time, pytest

@pytest.fixture
def held():
    yield
    while True:
        time.sleep(1)

def test_hangs(held):
    time.sleep(60)
""",
    # It holds the interpreter's lock while it waits for another, so no line of Python runs in any thread.
    "in C": """
import ctypes

def test_hangs():
    lock = ctypes.create_string_buffer(64)
    for _ in range(2):
        ctypes.PyDLL(None).pthread_mutex_lock(lock)
""",
}


@pytest.mark.parametrize("by", [[], ["-p", "xdist", "-n1"]], ids=["alone", "by xdist"])
@pytest.mark.parametrize("place", HANGS)
def test_what_hangs_is_ended_and_its_stack_printed(tmp_path, place, by):
    (tmp_path / "test_hangs.py").write_text(HANGS[place])
    plugins = "-p tests.support.isolation -p tests.support.timeouts"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\naddopts = {plugins} -p pytest_timeout\n")
    command = [sys.executable, "-m", "pytest", "-c", tmp_path / "pytest.ini", "-p", "no:cacheprovider", *by, tmp_path]
    limits = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_TIMEOUT": "1", "PYTEST_GRACE_SECONDS": "1"}
    done = subprocess.run(command, env=os.environ | limits, cwd=tmp_path, capture_output=True, text=True, timeout=30)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    stack = r'test_hangs\.py", line \d+ in (test_hangs|held)|test_hangs.py:\d+: Failed'
    assert re.search(stack, done.stdout + done.stderr)


# Both runs of `run.py test`


@pytest.fixture
def both_runs(tmp_path):
    """Starts `python -m tests` over a module of this text, in place of the suite. It needs no database."""
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\naddopts = -p tests.support.missing\n")

    def start(text):
        (tmp_path / "test_it.py").write_text(text)
        command = [sys.executable, "-m", "tests", "-c", tmp_path / "pytest.ini", "-p", "no:cacheprovider", tmp_path]
        plain = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TEST_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | plain, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    return start


SKIPS = """
import pytest

@pytest.mark.parametrize("number", range(3))
@pytest.mark.skipif(True, reason="nginx is not installed (Debian: apt install nginx-light)")
def test_of_nginx(number):
    pass

@pytest.mark.skipif(True, reason="a matter of SQLite")
def test_of_sqlite():
    pass

def test_of_node():
    pytest.skip("Node.js 20 is not installed (Debian: apt install nodejs npm)")

def test_passes():
    pass
"""


def test_what_is_skipped_for_want_of_a_program_is_one_line_for_both_runs(both_runs):
    process = both_runs(SKIPS)
    printed, _ = process.communicate(timeout=60)

    assert process.returncode == 0, printed
    assert printed.splitlines()[-2:] == [
        "8 tests were skipped, because programs are missing. On Debian: apt install nginx-light nodejs npm",
        "PostgreSQL: passed, SQLite: passed",
    ]
    for name in ("PostgreSQL", "SQLite    "):
        assert re.search(rf"^{name} \| .*1 passed, 5 skipped", printed, re.MULTILINE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_ends_all_that_the_tests_have_started(both_runs, tmp_path, number):
    process = both_runs(f"""
import subprocess, time

def test_hangs():
    started = subprocess.Popen(["sleep", "300"], start_new_session=True)
    with open({str(tmp_path / "pids")!r}, "a") as file:
        print(started.pid, file=file)
    time.sleep(300)
""")
    (tmp_path / "pids").touch()
    until(lambda: len((tmp_path / "pids").read_text().split()) == 2, 60)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=30)

    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert (process.returncode, len(pids)) == (130, 2), printed
    assert [pid for pid in pids if exists(pid)] == []
