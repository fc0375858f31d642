"""A listening socket at its end: who waits is served, who comes is not taken in, and nobody is reset."""

import socket
import sys

import pytest

from todo_project.listeners import take_in_no_more

pytestmark = [
    pytest.mark.no_database("sqlite"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such filter"),
]


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_who_waits_is_accepted_and_goes_on(listener):
    with socket.create_connection(listener.getsockname(), timeout=5) as waiting:
        take_in_no_more(listener)
        accepted, _ = listener.accept()
        listener.close()
        with accepted:
            waiting.sendall(b"asked")
            assert accepted.recv(5) == b"asked"
            accepted.sendall(b"answered")
            assert waiting.recv(8) == b"answered"


def test_who_comes_later_is_not_taken_in_and_then_refused(listener):
    take_in_no_more(listener)
    with pytest.raises(TimeoutError):
        socket.create_connection(listener.getsockname(), timeout=0.2)
    address = listener.getsockname()
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
