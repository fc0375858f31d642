"""A client's connection from its first byte to its close: whose it is, when it is answered, and what it is told.

Parsing, WSGI and errors stay gunicorn's.
"""

import math
import re
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders, UnsupportedTransferCoding
from gunicorn.workers.gthread import ThreadWorker

from todo_project.incoming import MAX_HEAD_BYTES, Connection, Incoming
from todo_project.outgoing import Answer, write_error
from todo_project.settings import MAX_BODY_BYTES, REQUEST_TIMEOUT_SECONDS

RECEIVED_AT_ONCE = 64 * 1024
# How long a stopping worker leaves an idle connection open, for a request that may be on its way.
LAST_CALL_SECONDS = 2
CLOSE = re.compile(r"(?:^|,)[ \t]*close[ \t]*(?:,|$)", re.IGNORECASE)
# One wake-up for one event, whoever waits; the thread that took it arms the descriptor again.
ONCE = select.EPOLLIN | select.EPOLLONESHOT

wsgi.Response = Answer
util.write_error = write_error


class ConnectionWorker(ThreadWorker):  # type: ignore[misc]  # why: an untyped library
    """What a thread does with a connection that it was woken for."""

    alive: bool

    def init_process(self) -> None:
        # As plain attributes: gunicorn's own look-up of a setting is a fifth of what it does for a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        self.epoll = select.epoll()
        self.connections: dict[int, Connection] = {}
        # Guards a connection's deadline: whoever sets it to None owns the connection.
        self.ownership = threading.Lock()
        # What the main thread waits for between its ticks.
        self.wake = threading.Event()
        self.answered = 0
        super().init_process()

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

    def give_up(self, conn: Connection) -> None:
        """Closes it; a client that has sent a part of a request is told why."""
        if conn.request.data and not conn.is_lingering:
            # Sent or not: nobody waits for a client that takes no answers either.
            conn.sock.setblocking(False)
            with suppress(OSError):
                write_error(conn.sock, 408, "Request Timeout", "")
        self.close(conn)

    def close(self, conn: Connection) -> None:
        # First forgotten, then closed: the next connection may get the same descriptor.
        del self.connections[conn.descriptor]
        conn.close()
        if not self.alive:
            self.wake.set()
