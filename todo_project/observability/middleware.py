"""The outermost middleware: a request leaves its id in the answer, a line in the log, and its part in the metrics."""

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
# No view answered: a static file, an unknown path, or a request that is refused before its path is read.
UNMATCHED = "unmatched"


class ObservationMiddleware:
    """Comes first, so that it measures the whole request and sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.write = request_log.request_writer() if settings.LOG_LEVEL in ("DEBUG", "INFO") else None
        self.metrics = import_module("todo_project.observability.metrics") if settings.METRICS_TOKEN else None
        if self.write:
            request_log.count_all_statements()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        current = logs.current
        current.request_id = request_id = request_log.request_id_of(request.META.get("HTTP_X_REQUEST_ID"))
        current.statements = 0
        if self.metrics:
            self.metrics.begin()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        if isinstance(response, HttpResponse):
            self.finish(request, response, started, len(response.content))
        elif isinstance(response, StreamingHttpResponse) and "Content-Length" not in response.headers:
            chunks = response.streaming_content
            response.streaming_content = self.observed(chunks, request, response, started)  # type: ignore[arg-type]  # why: no async here
        else:
            # A file, which the server may send without Python.
            self.finish(request, response, started, int(response.headers["Content-Length"]))
        return response

    def observed(
        self, chunks: Iterable[bytes], request: HttpRequest, response: HttpResponseBase, started: float
    ) -> Iterator[bytes]:
        size = 0
        try:
            for chunk in chunks:
                size += len(chunk)
                known = logs.current.request_id, logs.current.statements
                try:
                    yield chunk
                finally:
                    # The next chunk may be made in another thread, and this one has answered other requests meanwhile.
                    logs.current.request_id, logs.current.statements = known
        except Exception as error:
            setattr(error, "request_id", logs.current.request_id)  # noqa: B010 -- no attribute of Exception
            raise
        finally:
            self.finish(request, response, started, size)

    def finish(self, request: HttpRequest, response: HttpResponseBase, started: float, size: int) -> None:
        seconds = time.perf_counter() - started
        method = request.method if request.method in METHODS else "OTHER"
        route = route_of(request)
        if self.write:
            self.write(
                {
                    "request_id": logs.current.request_id,
                    "method": method,
                    "route": route,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 3),
                    "statements": logs.current.statements,
                    "bytes": size,
                }
            )
        if self.metrics:
            self.metrics.end(method, route, response.status_code, seconds)
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
