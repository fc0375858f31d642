import io

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todo_project.api.problems import Invalid, problem
from todo_project.api.renderers import JSONResponse
from todo_project.middleware import GetResponse


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit, and gives a chunked body the length that Django needs to read it."""

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
            except Exception:  # gunicorn's framing errors share no narrower class
                return malformed()
            if len(body) > settings.MAX_BODY_BYTES:
                return too_large()
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = LimitedStream(io.BytesIO(body), len(body))  # type: ignore[assignment]  # why: as Django does
        return self.get_response(request)


def malformed() -> JSONResponse:
    return JSONResponse(Invalid(problem(["body", 0], "The chunks are malformed", "json_invalid")).detail, 422)


def too_large() -> JSONResponse:
    return JSONResponse({"detail": f"The body is larger than {settings.MAX_BODY_BYTES} bytes"}, status=413)
