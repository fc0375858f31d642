"""One request: the attributes that gunicorn's WSGI reads, and the rules that llhttp leaves to a server."""

import io
from typing import NoReturn

from gunicorn.util import split_request_uri
from httptools import HttpRequestParser

# WSGI joins several fields into one value, and that would be another type, and another key.
GIVEN_ONCE = ("CONTENT-TYPE", "IDEMPOTENCY-KEY")
# Given to a request without a Host. Otherwise WSGI would take the address that the server listens on for it.
NO_HOST = ("HOST", "")


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
        # WSGI writes hyphens as underscores, so a name with an underscore could pass for another header.
        self.headers = [field for field in fields if "_" not in field[0]]
        self.body, self.received = io.BytesIO(), bytearray()
        values = dict(self.headers)
        self.expectation = values.get("EXPECT", "").lower()
        # Several fields are one list (RFC 9110, 5.3). Django gets them joined in the same way.
        self.coding = ",".join(value for name, value in self.headers if name == "TRANSFER-ENCODING").lower()
        # int() refuses more than 4,300 digits, so the leading zeros go first.
        self.length = int(values.get("CONTENT-LENGTH", "").lstrip("0") or 0)
        if "CONTENT-LENGTH" in values:
            self.headers.append(("CONTENT-LENGTH", str(self.length)))
        # What follows a CONNECT is never a request (RFC 9931, 8).
        self.keeps_alive = parser.should_keep_alive() and self.method != "CONNECT" and self.coding in ("", "chunked")
        if self.version == (1, 0):
            # `close` overrides every other option (RFC 9112, 9.3). In HTTP/1.0, llhttp lets keep-alive override it.
            self.keeps_alive &= not any(name == "CONNECTION" and "close" in value.lower() for name, value in fields)

    def check(self) -> int:
        """Splits the target. Returns the status to refuse with if no application can handle the request, else 0."""
        try:
            _, _, self.path, self.query, self.fragment = split_request_uri(self.uri)
        except ValueError:
            return 400
        names = [name for name, _ in self.headers]
        # HTTP/1.1 requires a Host (RFC 9112, 3.2). Of two fields, a proxy may have read either (RFC 9110, 5.3).
        hosts = {(1, 0): (0, 1), (1, 1): (1,)}.get(self.version, ())
        if names.count("HOST") not in hosts or any(names.count(name) > 1 for name in GIVEN_ONCE):
            return 400
        if "HOST" not in names:
            self.headers.append(NO_HOST)
        # `*` is a target for OPTIONS alone (RFC 9112, 3.2.4).
        if self.uri.startswith("*") and (self.method, self.uri) != ("OPTIONS", "*"):
            return 400
        # In HTTP/1.0 different readers understand a transfer coding differently (RFC 9112, 6.1).
        if self.coding and (self.version == (1, 0) or self.coding.rpartition(",")[2].strip(" \t") != "chunked"):
            return 400
        return 417 if self.expectation not in ("", "100-continue") else 0

    def should_close(self) -> bool:
        return not self.keeps_alive
