"""gunicorn's threaded worker, rebuilt around one epoll that all its threads wait on.

gunicorn's own polls in one thread, hands each request to another and gets it back, which costs as much CPU as all else
that it does; and it holds a thread from a request's first byte on, without an end: as many half-sent requests as
there are threads stop the worker. Here a request arrives without holding a thread, and whichever thread is woken by its
last byte answers it. Parsing, WSGI and errors stay gunicorn's.
"""

import math
import re
import select
import signal
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders, UnsupportedTransferCoding
from gunicorn.workers.gthread import ThreadWorker

from todo_project.incoming import MAX_HEAD_BYTES, Connection, Incoming
from todo_project.outgoing import Answer, write_error
from todo_project.settings import MAX_BODY_BYTES, REQUEST_TIMEOUT_SECONDS

RECEIVED_AT_ONCE = 64 * 1024
TICK_SECONDS = 0.5
# How long a stopping worker leaves an idle connection open, for a request that may be on its way.
LAST_CALL_SECONDS = 2
CLOSE = re.compile(r"(?:^|,)[ \t]*close[ \t]*(?:,|$)", re.IGNORECASE)
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# One wake-up for one event, whoever waits; the thread that took it arms the descriptor again.
ONCE = select.EPOLLIN | select.EPOLLONESHOT

wsgi.Response = Answer
util.write_error = write_error


class EpollThreadWorker(ThreadWorker):  # type: ignore[misc]  # why: an untyped library
    alive: bool
    # What came between the fork and this worker's own handlers, where the master's handlers put it (gunicorn.conf.py).
    inherited_signals: SimpleQueue[int]

    def init_process(self) -> None:
        # As plain attributes: gunicorn's own look-up of a setting is a fifth of what it does for a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        self.epoll = select.epoll()
        self.connections: dict[int, Connection] = {}
        # Requests that arrived while every thread was held.
        self.ready: deque[Connection] = deque()
        # Guards a connection's deadline: whoever sets it to None owns the connection.
        self.ownership = threading.Lock()
        self.wake = threading.Event()
        self.idle_threads: set[int] = set()
        self.answered = 0
        self.is_done = False
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        while not self.inherited_signals.empty():
            # Nobody else looks there: the master would wait for all of graceful_timeout, and kill this process then.
            if self.inherited_signals.get() in ENDS:
                self.alive = False

    # The main thread.

    def run(self) -> None:
        self.listeners = {listener.fileno(): listener for listener in self.sockets}
        for descriptor, listener in self.listeners.items():
            listener.setblocking(False)
            self.epoll.register(descriptor, ONCE)
        for _ in range(self.cfg.threads):
            threading.Thread(target=self.serve, daemon=True).start()
        while self.alive and self.is_parent_alive():
            self.tick()
        self.alive = False
        for listener in self.listeners.values():
            # Those that the kernel has taken in already would be reset.
            while self.accepts(listener):
                pass
            listener.close()
        self.finish()

    def tick(self) -> None:
        """A heartbeat, time-outs, and liveness while requests hold every thread."""
        answered = self.answered
        self.notify()
        self.wake.wait(TICK_SECONDS)
        self.wake.clear()
        for conn in list(self.connections.values()):
            if self.owns(conn, expired_by=time.monotonic()):
                self.give_up(conn)
        self.listen()
        # An orchestrator kills what does not say that it lives, while all that is wrong is the database.
        while self.alive and not self.idle_threads and self.answered == answered:
            self.notify()
            for descriptor, _ in self.epoll.poll(TICK_SECONDS, 1):
                self.on_event(descriptor, only_liveness=True)

    def give_up(self, conn: Connection) -> None:
        """Closes it; a client that has sent a part of a request is told why."""
        if conn.request.data and not conn.is_lingering:
            # Sent or not: nobody waits for a client that takes no answers either.
            conn.sock.setblocking(False)
            with suppress(OSError):
                write_error(conn.sock, 408, "Request Timeout", "")
        self.close(conn)

    def listen(self) -> None:
        if self.alive and len(self.connections) < self.worker_connections:
            for descriptor in self.listeners:
                self.epoll.modify(descriptor, ONCE)

    def finish(self) -> None:
        """Lets requests under way end; idle connections get a last call."""
        last_call = time.monotonic() + LAST_CALL_SECONDS
        with self.ownership:
            for conn in self.connections.values():
                conn.deadline = conn.deadline and min(conn.deadline, last_call)
        end = time.monotonic() + self.cfg.graceful_timeout
        while self.connections and time.monotonic() < end:
            self.tick()
        self.is_done = True

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.alive = False
        self.wake.set()

    # The threads.

    def serve(self) -> None:
        try:
            self.answer_requests()
        except Exception:
            # With a thread less the worker would serve less, and none in the end: the master makes a new one.
            self.log.exception("A thread has failed")
            self.handle_exit(0, None)

    def answer_requests(self) -> None:
        me = threading.get_ident()
        while not self.is_done:
            self.idle_threads.add(me)
            events = self.epoll.poll(TICK_SECONDS, 1)
            self.idle_threads.discard(me)
            for descriptor, _ in events:
                self.on_event(descriptor)
            while self.ready:
                self.respond(self.ready.popleft())

    def on_event(self, descriptor: int, *, only_liveness: bool = False) -> None:
        if listener := self.listeners.get(descriptor):
            if self.alive:
                self.accepts(listener)
                self.listen()
            return
        conn = self.connections.get(descriptor)
        if conn is None or not self.owns(conn) or not self.receives(conn):
            return
        if only_liveness and not conn.request.is_liveness():
            self.ready.append(conn)
        else:
            self.respond(conn)

    def owns(self, conn: Connection, expired_by: float = math.inf) -> bool:
        """Takes the connection, unless another thread has it or its deadline is yet to come."""
        with self.ownership:
            if conn.deadline is None or conn.deadline > expired_by:
                return False
            conn.deadline = None
            return True

    def lets_go(self, conn: Connection, seconds: float) -> None:
        """Gives the connection to whoever sees its next bytes; without any it is closed after so many seconds."""
        # Both in one: a deadline that has passed already may have the connection closed in between.
        with self.ownership:
            conn.deadline = time.monotonic() + seconds
            self.epoll.modify(conn.descriptor, ONCE)

    def accepts(self, listener: socket.socket) -> bool:
        """Takes one connection, if there is one; out of descriptors, it is as if there were none."""
        try:
            client, address = listener.accept()
        except OSError:
            return False
        conn = Connection(self.cfg, client, address, listener.getsockname())
        self.connections[conn.descriptor] = conn
        self.epoll.register(conn.descriptor, ONCE)
        return True

    def receives(self, conn: Connection) -> bool:
        """Reads what is there. Whether a request can be answered; if not, the connection is let go or closed."""
        try:
            data = conn.sock.recv(RECEIVED_AT_ONCE, socket.MSG_DONTWAIT)
        except OSError:
            self.close(conn)
            return False
        conn.request.add(data)
        if not data and (conn.is_lingering or not conn.request.data):
            self.close(conn)
            return False
        if conn.is_lingering:
            conn.request.data.clear()
        elif self.is_here(conn):
            return True
        # Counted from the first bytes: a client that sends a byte a second is no better than one that sends none.
        conn.request.deadline = conn.request.deadline or time.monotonic() + REQUEST_TIMEOUT_SECONDS
        self.lets_go(conn, conn.request.deadline - time.monotonic())
        return False

    def is_here(self, conn: Connection) -> bool:
        """Whether the request can be answered; a client that waits to be asked for the rest of it is asked."""
        is_waiting = conn.request.takes_expectation()
        if conn.request.is_whole():
            return True
        if is_waiting:
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return False

    def respond(self, conn: Connection) -> None:
        """Answers the request, and those that came along with it."""
        while self.handle(conn):
            self.answered += 1
            conn.request = Incoming(conn.arrived.take_buffered())
            if not (conn.request.data and self.is_here(conn)):
                self.lets_go(conn, REQUEST_TIMEOUT_SECONDS if conn.request.data else self.cfg.keepalive)
                return
        self.answered += 1
        self.linger(conn)

    def handle(self, conn: Connection) -> Any:
        if conn.request.has_long_head:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders(f"over {MAX_HEAD_BYTES} bytes"))
            return False
        conn.arrived.unread(bytes(conn.request.data))
        conn.request.data.clear()
        return super().handle(conn) and not conn.arrived.is_exhausted

    def handle_request(self, req: Any, conn: Connection) -> Any:
        headers = dict(req.headers)
        # As RFC 9112 has it: a Host always (3.2), and any option counts (9.6).
        if req.version >= (1, 1) and "HOST" not in headers:
            raise InvalidHeader("HOST")
        if CLOSE.search(headers.get("CONNECTION", "")):
            req.force_close()
        if conn.request.is_over_limit:
            # Its body stays unread, so where the next request starts is unknown: say so in the answer.
            req.force_close()
            # The application sees the beginning of a chunked body alone, and must be told that it is too long.
            req.headers.append(("CONTENT-LENGTH", str(MAX_BODY_BYTES + 1)))
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        if isinstance(exc, UnsupportedTransferCoding):
            # gunicorn's answer would be 501: nothing that a client sends is a fault of the service.
            exc = InvalidHeader("TRANSFER-ENCODING")
        super().handle_error(req, client, addr, exc)

    def linger(self, conn: Connection) -> None:
        """Closes as RFC 9112 (9.6) has it: what still comes is read, lest a reset cut the answer off."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.close(conn)
            return
        conn.is_lingering = True
        conn.request = Incoming()
        self.lets_go(conn, REQUEST_TIMEOUT_SECONDS if self.alive else LAST_CALL_SECONDS)

    def close(self, conn: Connection) -> None:
        # First forgotten, then closed: the next connection may get the same descriptor.
        del self.connections[conn.descriptor]
        conn.close()
        if not self.alive:
            self.wake.set()
