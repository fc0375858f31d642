"""One client: its socket, its requests and the answer that it is being sent. Nothing here waits for the client."""

import socket
import time
from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

from gunicorn.http import wsgi

from todo_project import settings
from todo_project.server import states
from todo_project.server.reader import RequestReader
from todo_project.server.refusals import refusal
from todo_project.server.request import Request
from todo_project.server.states import State

if TYPE_CHECKING:
    from todo_project.server.worker import EpollWorker

# How much is received, sent or read from a file before other connections get their turn.
TURN_BYTES = 64 * 1024
LIVENESS = ("/health", f"{settings.SCRIPT_NAME}/health")


class Connection:
    """The thread that owns it calls receive(), then respond() while is_ready."""

    # `kept_bytes` when it was last released (connections.py).
    kept = 0
    answer: Generator[None] | None = None
    state: State | None = None

    def __init__(self, worker: "EpollWorker", client: socket.socket, address: Any, local: Any) -> None:
        client.setblocking(False)
        self.worker, self.sock, self.descriptor = worker, client, client.fileno()
        self.address, self.local = address, local
        self.reader = RequestReader()
        self.unsent: list[memoryview] = []
        # Bytes of the current answer so far; in the state LINGER, bytes read.
        self.size = 0
        self.enter(states.NEW)

    def enter(self, state: State) -> None:
        """Starts a state. In the same state again, only the deadline moves: that of an answer grows with its size."""
        if state is not self.state:
            self.state, self.since = state, time.monotonic()
            if state is states.BODY and self.reader.pop_expectation():
                self.try_send(b"HTTP/1.1 100 Continue\r\n\r\n")
        slowly = self.size / states.SLOWEST_BYTES_PER_SECOND if state is states.ANSWER else 0
        self.deadline = self.since + max(state.seconds, slowly)

    @property
    def is_ready(self) -> bool:
        """Whether there is a request to answer, or an answer to finish."""
        return bool(self.answer or self.reader.requests or self.reader.refusal)

    @property
    def next_state(self) -> State:
        if self.state is states.LINGER or self.is_ready:
            return states.LINGER if self.state is states.LINGER else states.ANSWER
        if self.reader.request:
            return states.BODY
        return states.HEAD if self.reader.size else states.NEW if self.state is states.NEW else states.IDLE

    @property
    def asks_liveness(self) -> bool:
        """Whether the next request to answer is GET or HEAD /health, with a query or without."""
        request = self.reader.requests[0] if self.reader.requests and not self.answer else None
        return request is not None and request.path in LIVENESS and request.method in ("GET", "HEAD")

    @property
    def kept_bytes(self) -> int:
        """Bytes of the answer that are unsent, and of the request that is not whole."""
        return sum(map(len, self.unsent)) + len(self.reader.unread) + self.reader.size

    def receive(self) -> bool:
        """Reads what has arrived, unless there is something to answer. Returns whether the connection stays open."""
        if self.is_ready:
            return True
        try:
            data = self.sock.recv(TURN_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if self.state is states.LINGER:
            self.size += len(data)
            return bool(data) and self.size <= states.LINGER_BYTES
        self.reader.feed(data)
        return bool(data) or self.is_ready

    def respond(self) -> bool:
        """Makes and sends an answer, or the next part of a long one. Returns whether the connection stays open.

        After one part the other connections have their turn. The next part is made once the client has taken this one.
        """
        if self.answer is None and not self.reader.requests:
            return self.refuse(self.reader.refusal)
        made = 0
        try:
            self.answer = self.answer or self.make_answer(self.reader.requests.popleft())
            while self.flush() and made < TURN_BYTES:
                if next(self.answer, self) is self:
                    return self.end_answer()
                made += sum(map(len, self.unsent))
        except (ConnectionError, TimeoutError):
            return False
        except (Exception, SystemExit):
            self.worker.log.exception("An answer has failed")
            return not self.size and self.refuse(500)
        return True

    def make_answer(self, request: Request) -> Generator[None]:
        """Makes one piece of the answer at each step. gunicorn's Response writes to this connection as to a socket."""
        self.size, self.state = 0, None
        response, environ = wsgi.create(request, self, self.address, self.local, self.worker.cfg)
        environ["wsgi.multithread"] = True
        environ["wsgi.file_wrapper"] = lambda file, _: FileWrapper(file, TURN_BYTES)
        self.worker.count_request()
        if self.worker.should_end_connections():
            request.keeps_alive = False
        result = self.worker.wsgi(environ, response.start_response)
        try:
            for piece in result:
                response.write(piece)
                yield
            response.close()
            # A file may get shorter while it is sent. The client would take the next answer for the rest of this one.
            is_short = response.sent < (response.response_length or 0) and request.method != "HEAD"
            if is_short or response.should_close():
                self.reader.stop()
            yield
        finally:
            if close := getattr(result, "close", None):
                close()

    def sendall(self, data: bytes) -> None:
        """Keeps the data until flush(). gunicorn's Response calls this."""
        self.unsent.append(memoryview(data))
        self.size += len(data)

    def flush(self) -> bool:
        """Sends what the kernel takes now. Returns whether that was all. Raises OSError if the client has gone."""
        try:
            while self.unsent:
                sent = self.sock.sendmsg(self.unsent)
                while self.unsent and sent >= len(self.unsent[0]):
                    sent -= len(self.unsent.pop(0))
                if sent:
                    self.unsent[0] = self.unsent[0][sent:]
        except BlockingIOError:
            return False
        return True

    def end_answer(self) -> bool:
        """Reads the next request if it has arrived, or ends the connection. Returns whether that stays open."""
        self.answer = self.state = None
        self.reader.read_on()
        return self.is_ready or not self.reader.is_over or self.linger()

    def refuse(self, status: int) -> bool:
        # The request may hold a user id or a token, so none of it is logged.
        self.worker.log.warning("Refused a request with %s", status)
        self.answer = None
        self.reader.stop()
        self.try_send(refusal(status))
        return self.linger()

    def linger(self) -> bool:
        """Ends the sending and begins LINGER. Returns whether the client is still there."""
        self.enter(states.LINGER)
        self.size = 0
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def try_send(self, data: bytes) -> None:
        """Sends what the kernel takes at once. The rest is lost: no thread waits for a client that reads nothing."""
        with suppress(OSError):
            self.sock.send(data)

    def refuse_late_request(self) -> None:
        """Sends 408 if the client has sent part of a request."""
        if self.state in (states.HEAD, states.BODY):
            self.try_send(refusal(408))

    def close(self) -> None:
        # References from a request may keep this object until the garbage collector runs. Free now what is large.
        del self.reader.parser
        self.unsent.clear()
        self.sock.close()
        if self.answer:
            self.answer.close()
