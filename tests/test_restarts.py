"""What the service keeps, and whom it still answers, when its processes end."""

import secrets
import socket

import pytest

from tests.client import create, parsed, post, tasks
from tests.conftest import new_database
from tests.service import Service


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


def test_tasks_are_there_after_sigkill(own_service, user_id):
    created = [create(own_service, user_id, f"Kept {number}") for number in range(10)]
    own_service.kill()
    own_service.start()
    assert tasks(own_service, user_id) == created


def test_request_under_way_at_sigterm_is_answered(own_service, user_id):
    body = b'{"title": "Under way"}'
    head = post(user_id, f"Expect: 100-continue\r\nContent-Length: {len(body)}", b"")
    with socket.create_connection(("127.0.0.1", own_service.port), timeout=20) as peer:
        peer.sendall(head)
        assert peer.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        own_service.process.terminate()
        peer.sendall(body)
        status, task = parsed(peer.makefile("rb").read())
    assert (status, task["title"]) == (201, "Under way")
    assert own_service.process.wait(timeout=40) == 0
