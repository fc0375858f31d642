"""What a request goes through before its view. Each class is one policy; the admin's part costs the API nothing."""

import io
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from axes.middleware import AxesMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from todo_project.renderers import JSONResponse
from todo_project.validation import Invalid, problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# No user_id may hold it and no UUID does, so a segment replaced by it is refused where the others are validated.
UNREADABLE = "\0"
# A request target may name the host before the path; then that is the one that counts (RFC 9112, 3.2.2).
ABSOLUTE_FORM = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


# What the admin, Swagger UI and ReDoc need, all from this host; ReDoc searches in a worker made of a blob.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


def sent_target(request: HttpRequest) -> str:
    """As it was sent, which gunicorn keeps in RAW_URI and waitress in REQUEST_URI; empty where nobody keeps it."""
    target: str = request.META.get("RAW_URI") or request.META.get("REQUEST_URI", "")
    return target


class AnswerMiddleware:
    """Says of every answer what a page of it may load, and how long it is: gunicorn would send it in chunks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        if isinstance(response, HttpResponse) and "Content-Length" not in response.headers:
            response.headers["Content-Length"] = str(len(response.content))
            if request.method == "HEAD":
                response.content = b""
        elif isinstance(response, StreamingHttpResponse) and request.method == "HEAD":
            response.streaming_content = ()
        return response


class TrustedHostMiddleware:
    """Answers 400 to a Host that is not in ALLOWED_HOSTS: Django itself asks only where a view builds a URL."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # The last one that was: a service has one as a rule.
        self.trusted: str | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if target := ABSOLUTE_FORM.match(sent_target(request)):
            request.META["HTTP_HOST"] = target[1]
        host = request.META.get("HTTP_HOST")
        if host is None or host != self.trusted:
            try:
                request.get_host()
            except DisallowedHost:
                return JSONResponse({"detail": "This host is not in ALLOWED_HOSTS"}, status=400)
            self.trusted = host
        return self.get_response(request)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # why: an untyped library
    """WhiteNoise's, with errors as all others are."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.items() if name in ("Allow", "Content-Range")}
        return JSONResponse({"detail": response.reason_phrase}, response.status_code, headers)


class StrictPathMiddleware:
    """Decodes a percent-encoded path by its segments, as strict UTF-8, from the path as it was sent.

    WSGI decodes the path as a whole: `%2F` becomes a `/` and, in Django, `%ff` the text "%FF", another user's name.
    Django's development server keeps it nowhere: there the path stays as Django decoded it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = sent_target(request)
        if "%" in sent or not sent.isascii():
            path = ABSOLUTE_FORM.sub("", re.split("[?#]", sent, maxsplit=1)[0]).removeprefix(
                request.META["SCRIPT_NAME"]
            )
            request.path_info = "/".join(map(decode_segment, path.split("/")))
            request.path = request.META["SCRIPT_NAME"] + request.path_info
        return self.get_response(request)


def decode_segment(segment: str) -> str:
    try:
        decoded = unquote_to_bytes(segment.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return UNREADABLE
    return UNREADABLE if "/" in decoded else decoded


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit, and gives a chunked body the length that Django reads by."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH")
        if length and int(length) > settings.MAX_BODY_BYTES:
            return too_large()
        if coding := request.META.get("HTTP_TRANSFER_ENCODING"):
            if coding.strip().lower() != "chunked":
                return JSONResponse({"detail": "Of transfer codings only chunked is understood"}, status=400)
            try:
                body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
            except Exception:  # gunicorn's errors of framing have no common class but this one
                return JSONResponse(
                    Invalid(problem(["body", 0], "The chunks are malformed", "json_invalid")).detail, 422
                )
            if len(body) > settings.MAX_BODY_BYTES:
                return too_large()
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = LimitedStream(io.BytesIO(body), len(body))  # type: ignore[assignment]  # why: as Django does
        return self.get_response(request)


def too_large() -> JSONResponse:
    return JSONResponse({"detail": f"The body is larger than {settings.MAX_BODY_BYTES} bytes"}, status=413)


class AdminOnly:
    """Passes by whatever is not the admin's."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            return super().__call__(request)  # type: ignore[misc,no-any-return]  # why: of the middleware mixed with
        return self.get_response(request)  # type: ignore[attr-defined,no-any-return]  # why: set by MiddlewareMixin


class AdminSessionMiddleware(AdminOnly, SessionMiddleware):
    pass


class AdminAuthenticationMiddleware(AdminOnly, AuthenticationMiddleware):
    pass


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    pass


class AdminLoginLimitMiddleware(AdminOnly, AxesMiddleware):  # type: ignore[misc]  # why: an untyped library
    pass
