"""The end of a listening socket without a connection reset: Linux resets those that wait in its queue when it closes.

So it is first bound to an interface that does not exist, which takes no privilege (Linux 5.1 and newer). Then new
connections are refused at once, and those in the queue or in their handshake still get in.
"""

import socket
from contextlib import suppress

# socket(7); not in Python's module.
SO_BINDTOIFINDEX = 62
NO_INTERFACE = 2**31 - 1


def refuse_connections(listener: socket.socket) -> None:
    """Raises OSError where that cannot be done: then one that comes between the last accept() and close() is reset."""
    listener.setsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX, NO_INTERFACE)


def is_refusing(listener: socket.socket) -> bool:
    """In whichever process it was told to: all share the socket."""
    with suppress(OSError):
        return listener.getsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX) == NO_INTERFACE
    return False
