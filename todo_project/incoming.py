"""When the bytes that a client has sent are a whole request. What they mean is for gunicorn's parser."""

import re
import socket
import struct
import time
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn

from todo_project.settings import MAX_BODY_BYTES, REQUEST_TIMEOUT_SECONDS

# More than gunicorn reads of a request's head by its own limits, below which it refuses what it dislikes.
MAX_HEAD_BYTES = 64 * 1024
# With the framing: a body of the limit in chunks of 16 bytes and more fits.
MAX_CHUNKED_BYTES = 2 * MAX_BODY_BYTES
HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"[0-9a-f]+", re.IGNORECASE)
# A longer length is over any limit, and may be more digits than Python turns into a number.
MOST_DIGITS = 18
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
SEND_TIMEOUT = struct.pack("ll", REQUEST_TIMEOUT_SECONDS, 0)
LIVENESS = (b"GET /health", b"HEAD /health")


class Incoming:
    """The bytes of a request so far."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        # Where the next size line of a chunked body starts: what stands before it has been looked at.
        self.chunk = 0
        self.is_cut = self.has_long_head = self.is_over_limit = False
        # By time.monotonic(); None until the rest must be waited for.
        self.deadline: float | None = None

    def add(self, data: bytes) -> None:
        """No data is the end of what the client sends."""
        self.data += data
        self.is_cut = not data

    def takes_expectation(self) -> bool:
        """Whether the client waits to be asked for its body; told once, since the header is taken out."""
        end = self.data.find(HEAD_END)
        if end < 0 or len(self.data) > MAX_HEAD_BYTES:
            return False
        head, found = EXPECT.subn(b"", self.data[: end + 2])
        if found:
            self.data[: end + 2] = head
        # HTTP/1.0 knows no answer before the answer (RFC 9110, 15.2).
        return bool(found) and not head.partition(b"\r\n")[0].endswith(b"/1.0")

    def is_liveness(self) -> bool:
        return self.data.startswith(LIVENESS)

    def is_whole(self) -> bool:
        """Or cut, or over a limit: then it is refused by what is here."""
        end = self.data.find(HEAD_END, 0, MAX_HEAD_BYTES)
        if end < 0 or self.is_cut:
            self.has_long_head = end < 0 and len(self.data) >= MAX_HEAD_BYTES
            return self.is_cut or self.has_long_head
        head, start = self.data[: end + 2], end + len(HEAD_END)
        if length := CONTENT_LENGTH.search(head):
            digits = length[1].lstrip(b"0") or b"0"
            self.is_over_limit = len(digits) > MOST_DIGITS or int(digits) > MAX_BODY_BYTES
            return self.is_over_limit or len(self.data) >= start + int(digits)
        if not CHUNKED.search(head) or self.chunks_are_whole(start):
            return True
        # Of sizes, extensions and trailers without an end no more is kept than of chunks.
        self.is_over_limit |= len(self.data) - start > MAX_CHUNKED_BYTES
        return self.is_over_limit

    def chunks_are_whole(self, start: int) -> bool:
        self.chunk = self.chunk or start
        while True:
            line_end = self.data.find(b"\r\n", self.chunk)
            if line_end < 0:
                return False
            digits = self.data[self.chunk : line_end].partition(b";")[0]
            if not CHUNK_SIZE.fullmatch(digits):
                # int() would take a sign too, and look at the same chunk for ever.
                return True
            size = int(digits, 16)
            if size == 0:
                return self.data.find(HEAD_END, line_end) >= 0
            self.is_over_limit = size > MAX_BODY_BYTES
            if self.is_over_limit or line_end + size + 4 > len(self.data):
                return self.is_over_limit
            self.chunk = line_end + size + 4


class Arrived(Unreader):  # type: ignore[misc]  # why: an untyped library
    """What has arrived, for the parser to read and no further: whatever a client leaves out, no thread waits for it."""

    def __init__(self) -> None:
        super().__init__()
        # The parser has wanted more: where the next request starts is unknown.
        self.is_exhausted = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        self.is_exhausted = True
        return b""


class Connection(TConn):  # type: ignore[misc]  # why: an untyped library
    """gunicorn's own of a client, with the request that is arriving on it."""

    def __init__(self, cfg: Any, client: socket.socket, address: Any, server: Any) -> None:
        super().__init__(cfg, client, address, server)
        # gunicorn would wait for the first bytes in a thread.
        self.data_ready = True
        self.parser = RequestParser(cfg, (), address)
        self.parser.unreader = self.arrived = Arrived()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
        self.descriptor = client.fileno()
        self.request = Incoming()
        self.is_lingering = False
        # By time.monotonic(); None while a thread has the connection.
        self.deadline: float | None = time.monotonic() + REQUEST_TIMEOUT_SECONDS
