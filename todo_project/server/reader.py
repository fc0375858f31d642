"""Reads what a client sends into whole requests, or a refusal. llhttp (by httptools) decides where a request ends."""

from collections import deque

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser

from todo_project.server.request import MalformedBody, Request
from todo_project.server.states import BODY_BYTES, HEAD_BYTES
from todo_project.settings import MAX_BODY_BYTES

# gunicorn's limits. HEAD_BYTES limits the head as a whole.
FIELDS, FIELD_BYTES, TARGET_BYTES = 100, 8_190, 8_190
# llhttp gets this much at a time. One piece holds so few requests that all can be kept until their turn.
PIECE_BYTES = 4 * 1024
# llhttp's messages for a length that does not fit into 64 bits.
OVERFLOWS = ("Content-Length overflow", "Chunk size overflow")


class RequestReader:
    """Reads the requests of one connection, in order. Its on_… methods are httptools' callbacks."""

    def __init__(self) -> None:
        self.requests: deque[Request] = deque()
        # The status of the refusal that follows these requests, or 0.
        self.refusal = 0
        # Set by a refusal and by the last request: nothing more is read.
        self.is_over = False
        self.unread = memoryview(b"")
        self.parser = HttpRequestParser(self)
        self.start_message()

    def start_message(self) -> None:
        self.request: Request | None = None
        self.target, self.has_begun, self.asks_for_upgrade = b"", False, False
        self.fields: list[tuple[str, str]] = []
        # Bytes received of the head; once that is complete, of the body.
        self.size = 0

    def feed(self, data: bytes) -> None:
        """Takes received data. Empty data means that the client will send no more."""
        self.unread = memoryview(data)
        if not data and not self.is_over:
            self.fail(400)
        self.read_on()

    def read_on(self) -> None:
        """Reads up to a whole request or a refusal. The rest stays unread."""
        while self.unread and not self.requests and not self.is_over:
            missing = self.request.length - len(self.request.received) if self.request else 0
            end = max(PIECE_BYTES, missing)
            piece, self.unread = self.unread[:end], self.unread[end:]
            self.read(piece)
            if self.size > (BODY_BYTES if self.request else HEAD_BYTES) and not self.is_over:
                self.fail(413 if self.request else 431)

    def read(self, piece: memoryview | bytes) -> None:
        self.size += len(piece)
        try:
            self.parser.feed_data(piece)
        except HttpParserCallbackError:
            raise
        except HttpParserUpgrade as upgrade:
            if self.asks_for_upgrade:
                self.read_without_upgrade(bytes(piece[upgrade.args[0] :]))
        except HttpParserError as error:
            # llhttp also raises for data after the last request of a connection, which is ignored here.
            if not self.is_over:
                self.fail(413 if str(error) in OVERFLOWS else 400)
        if not self.has_begun:
            # Line ends between two requests belong to neither (RFC 9112, 2.2).
            self.size = 0

    def read_without_upgrade(self, rest: bytes) -> None:
        """Reads the request again without its Upgrade field: with it, llhttp would leave the body unread."""
        fields = [f"{name}: {value}\r\n".encode("latin-1") for name, value in self.fields if name != "UPGRADE"]
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.target, self.parser.get_http_version().encode())
        self.parser = HttpRequestParser(self)
        self.start_message()
        self.read(b"".join([line, *fields, b"\r\n", rest]))

    def fail(self, status: int) -> None:
        """Ends the reading. A request whose head is complete is delivered, so that Django answers it."""
        if self.request is None:
            # A client may end its connection between two requests.
            self.refusal = status if self.size else 0
        elif status == 413:
            # A length over the application's limit makes it answer 413 without the body.
            self.request.received.clear()
            self.request.headers.append(("CONTENT-LENGTH", str(MAX_BODY_BYTES + 1)))
        elif self.request.coding:
            self.request.body = MalformedBody()
        if self.request:
            self.request.keeps_alive = False
            self.deliver(self.request)
        self.is_over = True

    def stop(self) -> None:
        """Drops the requests that have not begun: the connection ends with the current answer."""
        self.requests.clear()
        self.refusal, self.is_over = 0, True

    def deliver(self, request: Request) -> None:
        request.body.write(request.received)
        request.body.seek(0)
        self.requests.append(request)
        self.is_over = not request.keeps_alive

    def pop_expectation(self) -> bool:
        """Returns whether the client waits for 100 Continue, and forgets it: the client is asked once."""
        if not self.request or self.request.received or self.request.version == (1, 0):
            return False
        expectation, self.request.expectation = self.request.expectation, ""
        return bool(expectation)

    # llhttp calls these to the end of a piece, even after fail().

    def on_message_begin(self) -> None:
        self.has_begun, self.size = True, max(self.size, 1)

    def on_url(self, part: bytes) -> None:
        self.target += part
        if len(self.target) > TARGET_BYTES and not self.is_over:
            self.fail(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        # A field after the head is a trailer. Nothing here reads trailers.
        if self.request is None and not self.is_over:
            self.fields.append((name.decode().upper(), value.decode("latin-1").rstrip(" \t")))
            if len(self.fields) > FIELDS or len(name) + len(value) > FIELD_BYTES:
                self.fail(431)

    def on_headers_complete(self) -> None:
        self.asks_for_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self.is_over or self.asks_for_upgrade:
            return
        request = Request(self.parser, self.target, self.fields)
        if status := request.check():
            self.fail(status)
            return
        self.request, self.size = request, 0
        if request.length > MAX_BODY_BYTES:
            self.fail(413)

    def on_body(self, part: bytes) -> None:
        if self.request and not self.is_over:
            self.request.received += part
            if len(self.request.received) > MAX_BODY_BYTES:
                self.fail(413)

    def on_message_complete(self) -> None:
        if self.request and not self.is_over:
            # To llhttp, a Connection field among the trailers counts too.
            self.request.keeps_alive &= self.parser.should_keep_alive()
            self.deliver(self.request)
            self.start_message()
