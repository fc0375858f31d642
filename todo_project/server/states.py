"""What a connection may be waiting for: each state with its one deadline and its one limit."""

import select
from typing import NamedTuple

from todo_project.settings import MAX_BODY_BYTES

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024
# What all connections of a process keep together, of unfinished bodies and of answers that nobody takes.
KEPT_BYTES = 64 * MEBIBYTE
# A long answer has more time than its state: whoever takes less in a second is closed.
SLOWEST_BYTES_PER_SECOND = 64 * KIBIBYTE


class State(NamedTuple):
    """`seconds` count from its begin; `bytes` is the most that is read, or kept, until its end."""

    name: str
    event: int
    seconds: float
    bytes: int


NEW = State("new", select.EPOLLIN, 10, 0)
# Longer than the 60 s that load balancers keep an idle connection: they, not we, close it, so no request is lost.
IDLE = State("idle", select.EPOLLIN, 75, 0)
# From the first byte on: a client that sends a byte a second is no better than one that sends none.
HEAD = State("head", select.EPOLLIN, 10, 64 * KIBIBYTE)
# With its framing: a body of the limit in chunks of 16 bytes and more fits.
BODY = State("body", select.EPOLLIN, 10, 2 * MAX_BODY_BYTES)
# A whole request, or the rest of an answer.
ANSWER = State("answer", select.EPOLLOUT, 10, KEPT_BYTES)
# What still comes behind the last answer is read, lest a reset cut that off (RFC 9112, 9.6).
LINGER = State("linger", select.EPOLLIN, 10, 64 * MEBIBYTE)
