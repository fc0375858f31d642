"""gunicorn's threaded worker, which gives a connection to a thread only when a whole request has arrived.

gunicorn's own holds a thread from the first byte of a request on, without an end to it: as many half-sent requests as
there are threads stop the worker. Here they wait in the poller, cost a file descriptor each, and are closed in time.
"""

import re
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.errors import InvalidHeader, UnsupportedTransferCoding
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from todo_project.settings import MAX_BODY_BYTES, REQUEST_TIMEOUT_SECONDS

# More than gunicorn reads of a request's head by its own limits, below which it refuses what it dislikes.
MAX_HEAD_BYTES = 64 * 1024
# With the framing: a body of the limit in chunks of 16 bytes and more fits.
MAX_CHUNKED_BYTES = 2 * MAX_BODY_BYTES
RECEIVED_AT_ONCE = 64 * 1024
LIVENESS = (b"GET /health", b"HEAD /health")
HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)


class BufferingThreadWorker(ThreadWorker):  # type: ignore[misc]  # an untyped library
    def init_process(self) -> None:
        # Liveness does not queue behind requests that wait for the database: an orchestrator would kill the process.
        self.liveness_pool = ThreadPoolExecutor(max_workers=2)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """gunicorn calls this where a connection may have a request: a new one, and one that became readable."""
        ahead = conn.parser.unreader.take_buffered() if conn.parser else b""
        conn.request = Buffer(ahead)
        conn.timeout = time.monotonic() + REQUEST_TIMEOUT_SECONDS
        if self.receive(conn):
            self.submit(conn)
        else:
            conn.sock.setblocking(False)
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_more, conn))

    def on_more(self, conn: Any, client: socket.socket) -> None:
        if self.receive(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self.submit(conn)

    def receive(self, conn: Any) -> bool:
        """Whether the request can go to a thread: it is whole, over a limit, or will never be whole."""
        try:
            data = conn.sock.recv(RECEIVED_AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return conn.request.is_whole()  # type: ignore[no-any-return]  # an untyped connection
        except OSError:
            return True
        conn.request.data += data
        if conn.request.takes_expectation():
            conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return not data or conn.request.is_whole()

    def submit(self, conn: Any) -> None:
        pool = self.liveness_pool if conn.request.data.startswith(LIVENESS) else self.tpool
        done = pool.submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def handle(self, conn: Any) -> Any:
        conn.sock.setblocking(True)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.request.data))
        conn.request.data.clear()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        if conn.request.is_over_limit:
            # Its body stays unread, so where the next request starts is unknown: say so in the answer.
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        if isinstance(exc, UnsupportedTransferCoding):
            # gunicorn's answer would be 501: nothing that a client sends is a fault of the service.
            exc = InvalidHeader("TRANSFER-ENCODING")
        super().handle_error(req, client, addr, exc)

    def finish_request(self, conn: Any, future: Future[Any]) -> None:
        if future.cancelled() or future.exception() or future.result():
            super().finish_request(conn, future)
        else:
            self.linger(conn)

    def linger(self, conn: Any) -> None:
        """Closes as RFC 9112 (9.6) has it, in the poller: gunicorn would stop the worker for up to 2 s a client."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self.close(conn)
            return
        conn.timeout = time.monotonic() + REQUEST_TIMEOUT_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_rest, conn))

    def on_rest(self, conn: Any, client: socket.socket) -> None:
        with suppress(OSError):
            if client.recv(RECEIVED_AT_ONCE):
                return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self.close(conn)

    def close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """On the way down, connections that have sent nothing yet hold it up no longer than those that are idle."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)


class Buffer:
    """The bytes of a request so far."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        # Where the next size line of a chunked body starts: what stands before it has been looked at.
        self.chunk = 0
        self.is_over_limit = False

    def takes_expectation(self) -> bool:
        """Whether the client waits to be told to send its body; asked once, since the header is taken out."""
        end = self.data.find(HEAD_END)
        if end < 0 or len(self.data) > MAX_HEAD_BYTES:
            return False
        head, found = EXPECT.subn(b"", self.data[: end + 2])
        if found:
            self.data[: end + 2] = head
        return bool(found)

    def is_whole(self) -> bool:
        end = self.data.find(HEAD_END, 0, MAX_HEAD_BYTES)
        if end < 0:
            return len(self.data) >= MAX_HEAD_BYTES
        head, start = self.data[: end + 2], end + len(HEAD_END)
        if length := CONTENT_LENGTH.search(head):
            self.is_over_limit = int(length[1]) > MAX_BODY_BYTES
            return self.is_over_limit or len(self.data) >= start + int(length[1])
        return not CHUNKED.search(head) or self.chunks_are_whole(start)

    def chunks_are_whole(self, start: int) -> bool:
        self.chunk = self.chunk or start
        while self.chunk - start <= MAX_CHUNKED_BYTES:
            line_end = self.data.find(b"\r\n", self.chunk)
            if line_end < 0:
                return False
            try:
                size = int(self.data[self.chunk : line_end].partition(b";")[0], 16)
            except ValueError:
                return True
            if size == 0:
                return self.data.find(HEAD_END, line_end) >= 0
            if size > MAX_BODY_BYTES:
                break
            if line_end + size + 4 > len(self.data):
                return False
            self.chunk = line_end + size + 4
        self.is_over_limit = True
        return True
