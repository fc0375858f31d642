"""A listening socket that is about to close: waiting clients are served, later ones refused, and none is reset."""

import socket
import sys

import pytest

from todo_project.server.listeners import is_refusing, refuse_connections

pytestmark = [
    pytest.mark.run_once("sqlite"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot do it"),
]


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request):
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as listener:
        yield listener


def test_who_waits_is_accepted_and_goes_on(listener):
    with socket.create_connection(listener.getsockname()[:2], timeout=5) as waiting:
        refuse_connections(listener)
        accepted, _ = listener.accept()
        listener.close()
        with accepted:
            waiting.sendall(b"asked")
            assert accepted.recv(5) == b"asked"
            accepted.sendall(b"answered")
            assert waiting.recv(8) == b"answered"


def test_who_comes_later_is_refused_at_once(listener):
    assert not is_refusing(listener)
    refuse_connections(listener)
    assert is_refusing(listener)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(listener.getsockname()[:2], timeout=5)
