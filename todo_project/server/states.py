"""The states in which a connection waits, each with its deadline, and the limits on what is read and kept."""

import select
from typing import NamedTuple

from todo_project.settings import MAX_BODY_BYTES

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024
# What all connections of a process may keep together: unfinished requests, and answers that clients have not read.
KEPT_BYTES = 64 * MEBIBYTE
# A long answer has more time than its state gives it. A client that reads slower than this is closed.
SLOWEST_BYTES_PER_SECOND = 64 * KIBIBYTE
HEAD_BYTES = 64 * KIBIBYTE
# With its framing: a body at the limit fits if its chunks have 16 bytes or more.
BODY_BYTES = 2 * MAX_BODY_BYTES
# What is read and thrown away after the last answer.
LINGER_BYTES = 64 * MEBIBYTE


class State(NamedTuple):
    """`event` is what epoll watches for; `seconds` count from the start of the state."""

    name: str
    event: int
    seconds: float


NEW = State("new", select.EPOLLIN, 10)
# Longer than the 60 s for which load balancers keep an idle connection: they close it first, so no request is lost.
IDLE = State("idle", select.EPOLLIN, 75)
# Counted from the first byte: a client that sends a byte a second gets no more time than one that sends nothing.
HEAD = State("head", select.EPOLLIN, 10)
BODY = State("body", select.EPOLLIN, 10)
# A whole request has arrived, or part of an answer is unsent.
ANSWER = State("answer", select.EPOLLOUT, 10)
# After the last answer the rest is still read: a reset would cut the answer off (RFC 9112, 9.6).
LINGER = State("linger", select.EPOLLIN, 10)
