"""One client: its socket, what it has asked, and the answer that it is being sent. Nothing here waits for it."""

import socket
import time
from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

from gunicorn.http import wsgi

from todo_project.server.reader import RequestReader
from todo_project.server.refusals import refusal
from todo_project.server.request import Request
from todo_project.server.states import ANSWER, BODY, HEAD, IDLE, LINGER, NEW, SLOWEST_BYTES_PER_SECOND, State

if TYPE_CHECKING:
    from todo_project.server.worker import EpollWorker

# What is received, handed to the kernel or read of a file before others get their turn.
TURN_BYTES = 64 * 1024


class Connection:
    """Whoever calls its methods owns it meanwhile: receive(), then respond() while it is_ready."""

    # The bytes that it kept when it began to wait (worker.py).
    kept = 0
    answer: Generator[None] | None = None
    state: State | None = None

    def __init__(self, server: "EpollWorker", client: socket.socket, address: Any, local: Any) -> None:
        client.setblocking(False)
        self.server, self.sock, self.descriptor = server, client, client.fileno()
        self.address, self.local = address, local
        self.reader = RequestReader()
        self.unsent: list[memoryview] = []
        # Of this answer so far; or what was read while lingering.
        self.size = 0
        self.enter(NEW)

    def enter(self, state: State) -> None:
        """Begins a state, or goes on with the one that it is in."""
        if state is not self.state:
            self.state, self.since = state, time.monotonic()
            if state is BODY and self.reader.take_expectation():
                self.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        slowly = self.size / SLOWEST_BYTES_PER_SECOND if state is ANSWER else 0
        self.deadline = self.since + max(state.seconds, slowly)

    @property
    def is_ready(self) -> bool:
        """Whether there is something to answer, or an answer under way."""
        return bool(self.answer or self.reader.requests or self.reader.refusal)

    @property
    def waits_for(self) -> State:
        if self.state is LINGER or self.is_ready:
            return LINGER if self.state is LINGER else ANSWER
        if self.reader.request:
            return BODY
        return HEAD if self.reader.size else NEW if self.state is NEW else IDLE

    @property
    def asks_liveness(self) -> bool:
        """Whether GET or HEAD /health, and nothing else, is to be answered next."""
        request = self.reader.requests[0] if self.reader.requests and not self.answer else None
        return request is not None and request.uri == "/health" and request.method in ("GET", "HEAD")

    @property
    def kept_bytes(self) -> int:
        """Of what was not sent yet, and of what is no whole request yet."""
        return sum(map(len, self.unsent)) + len(self.reader.unread) + self.reader.size

    def receive(self) -> bool:
        """Reads what is here, unless there is something to answer first. Whether the connection goes on."""
        if self.is_ready:
            return True
        try:
            data = self.sock.recv(TURN_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if self.state is LINGER:
            self.size += len(data)
            return bool(data) and self.size <= LINGER.bytes
        self.reader.feed(data)
        return bool(data) or self.is_ready

    def respond(self) -> bool:
        """Answers a request, or a part of a long answer, as far as the client takes it. Whether the connection goes on.

        Whoever takes a long answer goes behind the others then; the next part is made when this one has been taken.
        """
        if self.answer is None and not self.reader.requests:
            return self.refuse(self.reader.refusal)
        made = 0
        try:
            self.answer = self.answer or self.begin(self.reader.requests.popleft())
            while self.flush() and made < TURN_BYTES:
                if next(self.answer, self) is self:
                    return self.end()
                made += sum(map(len, self.unsent))
        except (ConnectionError, TimeoutError):
            return False
        except (Exception, SystemExit):
            self.server.log.exception("An answer has failed")
            return not self.size and self.refuse(500)
        return True

    def begin(self, request: Request) -> Generator[None]:
        """Makes the answer, a piece with each step, by gunicorn's Response, whose socket is this connection."""
        self.size, self.state = 0, None
        response, environ = wsgi.create(request, self, self.address, self.local, self.server.cfg)
        environ["wsgi.multithread"] = True
        environ["wsgi.file_wrapper"] = lambda file, _: FileWrapper(file, TURN_BYTES)
        self.server.count_request()
        if self.server.ends_connections():
            request.keeps_alive = False
        result = self.server.wsgi(environ, response.start_response)
        try:
            for piece in result:
                response.write(piece)
                yield
            response.close()
            # As of a file that was cut meanwhile: the client would take the next answer for the rest of this one.
            is_short = response.sent < (response.response_length or 0) and request.method != "HEAD"
            if is_short or response.should_close():
                self.reader.stop()
            yield
        finally:
            if close := getattr(result, "close", None):
                close()

    def sendall(self, data: bytes) -> None:
        self.unsent.append(memoryview(data))
        self.size += len(data)

    def flush(self) -> bool:
        """Hands on what the kernel takes now. Whether that is all. Raises OSError where the client has gone."""
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

    def end(self) -> bool:
        """Of an answer: then comes the next request, which may be here already, or the end of the connection."""
        self.answer = self.state = None
        self.reader.read_on()
        return self.is_ready or not self.reader.is_over or self.linger()

    def refuse(self, status: int) -> bool:
        # Whatever it was may hold a user's name or token: no word of it is logged.
        self.server.log.warning("Refused with %s what is no request", status)
        self.answer = None
        self.reader.stop()
        self.say(refusal(status))
        return self.linger()

    def linger(self) -> bool:
        self.enter(LINGER)
        self.size = 0
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def say(self, data: bytes) -> None:
        """Or not: nobody waits for a client that takes nothing."""
        with suppress(OSError):
            self.sock.send(data)

    def tell_too_late(self) -> None:
        """To a client that has sent a part of a request, and has no answer coming."""
        if self.state in (HEAD, BODY):
            self.say(refusal(408))

    def close(self) -> None:
        # What a request refers to may stay until the collector comes by: this, but nothing of its size.
        del self.reader.parser
        self.unsent.clear()
        self.sock.close()
        if self.answer:
            self.answer.close()
