"""One request: the attributes that gunicorn's WSGI reads, and the rules that llhttp leaves to a server."""

import io
from typing import NoReturn

from gunicorn.util import split_request_uri
from httptools import HttpRequestParser


class MalformedBody(io.BytesIO):
    def read(self, size: int | None = -1, /) -> NoReturn:
        raise ValueError("The chunks are malformed")


class Request:
    """A request with the attributes that gunicorn.http.wsgi reads."""

    scheme, proxy_protocol_info, _expected_100_continue = "http", None, False

    def __init__(self, parser: HttpRequestParser, target: bytes, fields: list[tuple[str, str]]) -> None:
        self.method, self.uri = parser.get_method().decode(), target.decode("latin-1")
        major, minor = parser.get_http_version().split(".")
        self.version = (int(major), int(minor))
        # A name with an underscore could pass for another's in WSGI.
        self.headers = [field for field in fields if "_" not in field[0]]
        self.body, self.received = io.BytesIO(), bytearray()
        values = dict(self.headers)
        self.expectation = values.get("EXPECT", "").lower()
        # Of several fields as of one list (RFC 9110, 5.3), which is also how Django is told.
        self.coding = ",".join(value for name, value in self.headers if name == "TRANSFER-ENCODING").lower()
        # Python reads no number of more than 4,300 digits.
        self.length = int(values.get("CONTENT-LENGTH", "").lstrip("0") or 0)
        if "CONTENT-LENGTH" in values:
            self.headers.append(("CONTENT-LENGTH", str(self.length)))
        # RFC 9931, 8: what follows a CONNECT is never a request.
        self.keeps_alive = parser.should_keep_alive() and self.method != "CONNECT" and self.coding in ("", "chunked")
        if self.version == (1, 0):
            # RFC 9112, 9.3: whatever else is said; to llhttp keep-alive is enough in HTTP/1.0.
            self.keeps_alive &= not any(name == "CONNECTION" and "close" in value.lower() for name, value in fields)

    def refusal(self) -> int:
        """The status of the answer, if it is one that no application can be given; else 0."""
        try:
            _, _, self.path, self.query, self.fragment = split_request_uri(self.uri)
        except ValueError:
            return 400
        names = [name for name, _ in self.headers]
        # RFC 9112, 3.2: a Host always. RFC 9110, 5.3: of two, any could be the one that somebody else reads.
        hosts = {(1, 0): (0, 1), (1, 1): (1,)}.get(self.version, ())
        if names.count("HOST") not in hosts or names.count("CONTENT-TYPE") > 1:
            return 400
        # RFC 9112, 3.2.4: of all, only for OPTIONS.
        if self.uri.startswith("*") and (self.method, self.uri) != ("OPTIONS", "*"):
            return 400
        # RFC 9112, 6.1: in HTTP/1.0 it means nothing that two would agree on.
        if self.coding and (self.version == (1, 0) or self.coding.rpartition(",")[2].strip(" \t") != "chunked"):
            return 400
        return 417 if self.expectation not in ("", "100-continue") else 0

    def should_close(self) -> bool:
        return not self.keeps_alive
