"""What the service keeps, and which requests it still answers, when its processes end."""

import secrets
import socket
import subprocess
import sys

import pytest

from testbed.postgres import free_port
from tests.conftest import new_database
from tests.support.client import create, parsed, post, tasks
from tests.support.service import ROOT, Service
from tests.support.waiting import until

# The service's configuration, except that a new process takes a second to become a worker.
SLOW_START = """
import pathlib, time
exec(pathlib.Path({config!r}).read_text())
prepare = globals().get("post_fork")

def post_fork(server, worker):
    if prepare:
        prepare(server, worker)
    pathlib.Path({started!r}).touch()
    time.sleep(1)
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("restarts")
    with new_database(folder) as url, Service(url, folder / "log") as running:
        yield running


@pytest.fixture
def own_service(started):
    """A service that a test may end."""
    if started.process.poll() is not None:
        started.start()
    return started


@pytest.fixture
def user_id():
    return f"kept-{secrets.token_hex(4)}"


def test_sigterm_ends_it_with_0_and_the_tasks_are_there_after_it(own_service, user_id):
    task = create(own_service, user_id, "Kept")
    assert own_service.stop() == 0
    own_service.start()
    assert tasks(own_service, user_id) == [task]


def test_sigterm_that_comes_while_a_worker_starts_is_not_lost(own_service, tmp_path):
    config = tmp_path / "slow_start.py"
    config.write_text(SLOW_START.format(config=str(ROOT / "gunicorn.conf.py"), started=str(tmp_path / "started")))
    command = [sys.executable, "-m", "gunicorn", "todo_project.wsgi", "--config", config]
    with subprocess.Popen(command, cwd=ROOT, env=own_service.environment | {"PORT": str(free_port())}) as starting:
        try:
            until((tmp_path / "started").exists)
            starting.terminate()
            assert starting.wait(timeout=60) == 0
        finally:
            # Popen waits for its process at the end of the `with`, however long that takes.
            starting.kill()


def test_tasks_are_there_after_sigkill(own_service, user_id):
    created = [create(own_service, user_id, f"Kept {number}") for number in range(10)]
    own_service.kill()
    own_service.start()
    assert tasks(own_service, user_id) == created


def test_request_under_way_at_sigterm_is_answered(own_service, user_id):
    body = b'{"title": "Under way"}'
    head = post(user_id, f"Expect: 100-continue\r\nContent-Length: {len(body)}", b"")
    with socket.create_connection(("127.0.0.1", own_service.port), timeout=60) as peer:
        peer.sendall(head)
        assert peer.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        own_service.process.terminate()
        peer.sendall(body)
        status, task = parsed(peer.makefile("rb").read())
    assert (status, task["title"]) == (201, "Under way")
    assert own_service.process.wait(timeout=60) == 0
