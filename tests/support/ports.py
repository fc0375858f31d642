"""Ports that nobody listens on."""

import socket
from contextlib import contextmanager


@contextmanager
def refusing_port():
    """A port that refuses connections. No other program of a busy machine gets it meanwhile, as it may a free one."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
