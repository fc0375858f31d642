"""Makes a listening socket refuse connections, so that it can be closed without a reset.

Linux resets the connections in the queue of a listening socket when that socket closes. So the socket is first bound to
an interface that does not exist, which needs no privilege (Linux 5.1 and newer). From then on new connections are
refused at once, while those in the queue or in their handshake can still be accepted.
"""

import socket
from contextlib import suppress

# socket(7); Python's module does not have it.
SO_BINDTOIFINDEX = 62
NO_INTERFACE = 2**31 - 1


def refuse_connections(listener: socket.socket) -> None:
    """Raises OSError if the system cannot do this. A connection between the last accept() and close() is reset then."""
    listener.setsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX, NO_INTERFACE)


def is_refusing(listener: socket.socket) -> bool:
    """Whether any process has called refuse_connections(): all processes share the socket."""
    with suppress(OSError):
        return listener.getsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX) == NO_INTERFACE
    return False
