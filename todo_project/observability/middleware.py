"""The outermost middleware. It gives each answer the request's id, and writes its log line and its metrics."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from todo_project.api import exceptions
from todo_project.observability import logs, request_log

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
# The route where no view answered: a static file, an unknown path, or a request refused before its path was read.
UNMATCHED = "unmatched"


class ObservationMiddleware:
    """Comes first, so that it measures the whole request and sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.write_line = request_log.request_writer() if settings.LOG_LEVEL in ("DEBUG", "INFO") else None
        self.metrics = import_module("todo_project.observability.metrics") if settings.METRICS_TOKEN else None
        if self.write_line:
            request_log.install_counters()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        current = logs.current
        current.request_id = request_id = request_log.request_id_of(request.META.get("HTTP_X_REQUEST_ID"))
        current.statement_count = 0
        if self.metrics:
            self.metrics.begin_request()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        if isinstance(response, HttpResponse):
            self.record(request, response, started, len(response.content))
        elif isinstance(response, StreamingHttpResponse) and "Content-Length" not in response.headers:
            chunks = response.streaming_content
            response.streaming_content = self.measured(chunks, request, response, started)  # type: ignore[arg-type]  # why: no async here
        else:
            # A file: the server may send it past this code.
            self.record(request, response, started, int(response.headers["Content-Length"]))
        return response

    def measured(
        self, chunks: Iterable[bytes], request: HttpRequest, response: HttpResponseBase, started: float
    ) -> Iterator[bytes]:
        size = 0
        try:
            for chunk in chunks:
                size += len(chunk)
                known = logs.current.request_id, logs.current.statement_count
                try:
                    yield chunk
                finally:
                    # The next chunk may be made in another thread, and this thread may have answered other requests.
                    logs.current.request_id, logs.current.statement_count = known
        except Exception as error:
            setattr(error, "request_id", logs.current.request_id)  # noqa: B010 -- no attribute of Exception
            raise
        finally:
            self.record(request, response, started, size)

    def record(self, request: HttpRequest, response: HttpResponseBase, started: float, size: int) -> None:
        seconds = time.perf_counter() - started
        method = request.method if request.method in METHODS else "OTHER"
        route = route_of(request)
        refusal = getattr(response, "refusal", None)
        if self.write_line:
            self.write_line(
                {
                    "request_id": logs.current.request_id,
                    "method": method,
                    "route": route,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 3),
                    "statements": logs.current.statement_count,
                    "bytes": size,
                    **({"refused": refusal} if refusal else {}),
                }
            )
        if self.metrics:
            self.metrics.end_request(method, route, response.status_code, seconds, refusal)
        logs.current.request_id = None


def route_of(request: HttpRequest) -> str:
    """The path's template, as in the OpenAPI document: "/api/{user_id}/tasks"."""
    match = request.resolver_match
    if match is None or match.func is exceptions.not_found:
        return UNMATCHED
    return template_of(match.route)


@cache
def template_of(route: str) -> str:
    return "/" + CONVERTER.sub(r"{\1}", route)
