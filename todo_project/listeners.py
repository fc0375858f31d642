"""The end of a listening socket without a connection reset: Linux resets those that nobody has accepted by then."""

import ctypes
import socket
import struct
import sys
from contextlib import suppress

# A filter of packets (socket(7), in Linux's classic BPF): drop what has SYN set and not ACK, take all else.
LOAD_BYTE, AND, JUMP_EQUAL, RETURN = 0x30, 0x54, 0x15, 0x06
TCP_FLAGS, SYN, ACK = 13, 0x02, 0x10
DROP_NEW_CONNECTIONS = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (LOAD_BYTE, 0, 0, TCP_FLAGS),
        (AND, 0, 0, SYN | ACK),
        (JUMP_EQUAL, 0, 1, SYN),
        (RETURN, 0, 0, 0),
        (RETURN, 0, 0, 0xFFFFFFFF),
    )
)
INSTRUCTION_BYTES = 8
SO_ATTACH_FILTER = 26


def take_in_no_more(listener: socket.socket) -> None:
    """Those that wait to be accepted stay; whoever comes now sends its SYN again a second later and is refused then.

    Where this cannot be done, a connection that comes between the last accept() and close() is reset.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(DROP_NEW_CONNECTIONS)
    length = len(DROP_NEW_CONNECTIONS) // INSTRUCTION_BYTES
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", length, ctypes.addressof(program)))
