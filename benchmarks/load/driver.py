"""The built-in driver: one process with many kept-alive connections, which checks the status of each answer.

It speaks HTTP by itself and reads no more of an answer than it must, so that it takes little CPU time from the
candidates on the same machine.
"""

import random
import select
import socket
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle

RECEIVE_BYTES = 1 << 18


class WrongAnswerError(Exception):
    pass


@dataclass
class Outcome:
    """`seconds` from the first request to the last answer; `latencies` in seconds; `refused`: the wrong answers."""

    requests: int
    seconds: float
    latencies: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    def checked(self):
        """Itself. Raises WrongAnswerError where an answer had another status than its request wants."""
        if self.refused:
            raise WrongAnswerError(f"{len(self.refused)} of {self.requests} answers were wrong: {self.refused[0]}")
        return self


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fileno = self.socket.fileno

    def send(self, request, due=0.0):
        """`request`: its bytes and the status that it wants; `due`: when it should have been sent."""
        self.request, self.status = request
        self.due = due
        self.missing = None
        self.head = b""
        self.socket.sendall(self.request)

    def receive(self):
        """Reads what has arrived. True at the answer's end; `refusal` then describes a wrong status, or is None."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise WrongAnswerError(f"The connection was closed instead of an answer to {self.request!r}")
        if self.missing is None:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return False
            self.refusal = self.refusal_of(head)
            self.missing = content_length(head)
            data = body
        self.missing -= len(data)
        return self.missing == 0

    def refusal_of(self, head):
        if int(head[9:12]) == self.status:
            return None
        return f"{head.decode('latin-1')}\nanswered {self.request!r}, wanted {self.status}"


def content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise WrongAnswerError(f"No Content-Length: {head!r}")


@contextmanager
def connections(port, count):
    with ExitStack() as stack:
        opened = [Connection(port) for _ in range(count)]
        for connection in opened:
            stack.callback(connection.socket.close)
        yield opened


def saturate(port, requests, count, seconds, patience=None):
    """Each of `count` connections sends its next request as soon as it has its answer; all requests are answered.

    Raises TimeoutError where no answer comes for `patience` seconds.
    """
    following = cycle(requests)
    with connections(port, count) as opened, select.epoll() as events:
        by_descriptor = {connection.fileno(): connection for connection in opened}
        begin = time.perf_counter()
        for connection in opened:
            events.register(connection.fileno(), select.EPOLLIN)
            connection.send(next(following))
        answered, refused, busy = 0, [], count
        while busy:
            ready = events.poll(patience)
            if not ready:
                raise TimeoutError(f"No answer came for {patience} seconds")
            for descriptor, _ in ready:
                connection = by_descriptor[descriptor]
                if connection.receive():
                    answered += 1
                    refused += filter(None, [connection.refusal])
                    if time.perf_counter() < begin + seconds:
                        connection.send(next(following))
                    else:
                        busy -= 1
        return Outcome(answered, time.perf_counter() - begin, refused=refused)


def one_after_the_other(port, requests):
    """Over one connection, each request after the answer to the one before."""
    latencies, refused = [], []
    start = time.perf_counter()
    with connections(port, 1) as (connection,):
        for request in requests:
            begin = time.perf_counter()
            connection.send(request)
            while not connection.receive():
                pass
            latencies.append(time.perf_counter() - begin)
            refused += filter(None, [connection.refusal])
    return Outcome(len(latencies), time.perf_counter() - start, latencies, refused)


def offer(port, requests, count, seconds, rate):
    """Sends by the clock, however slow the answers are. Latency counts from the moment when a request was due.

    Requests come at random moments, as those of independent clients do; the moments are the same in every run. A
    request that finds no free connection waits for one, and that wait counts.
    """
    following, moments = cycle(requests), due_moments(seconds, rate)
    latencies, refused, waiting, busy = [], [], deque(), set()
    with connections(port, count) as opened:
        idle = deque(opened)
        begin = time.perf_counter()
        due = next(moments)
        while due < seconds or waiting or busy:
            while due <= time.perf_counter() - begin and due < seconds:
                waiting.append(begin + due)
                due = next(moments)
            while waiting and idle:
                connection = idle.popleft()
                connection.send(next(following), waiting.popleft())
                busy.add(connection)
            pause = max(0.0, begin + due - time.perf_counter()) if due < seconds else None
            # select and not epoll, which rounds its time-out to milliseconds.
            for connection in select.select(busy, (), (), pause)[0]:
                if connection.receive():
                    latencies.append(time.perf_counter() - connection.due)
                    refused += filter(None, [connection.refusal])
                    busy.remove(connection)
                    idle.append(connection)
        return Outcome(len(latencies), time.perf_counter() - begin, latencies, refused)


def due_moments(seconds, rate):
    """Random arrivals at this rate, in seconds from the beginning; the last one is past the end."""
    chance, moment = random.Random(rate), 0.0
    while moment < seconds:
        moment += chance.expovariate(rate)
        yield moment
