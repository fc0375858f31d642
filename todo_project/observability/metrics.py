"""Metrics for Prometheus. Without METRICS_TOKEN nothing imports this module, so that it costs nothing.

Each worker process writes its own files, in a folder that gunicorn.conf.py makes. Any process can answer /metrics: it
adds them all up.
"""

import hmac
import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from rest_framework.request import Request

from todo_project.api.renderers import JSONResponse
from todo_project.api.views import SafeView
from todo_project.authentication.signals import keys_attempted
from todo_project.database.errors import connection_failed

# A get takes about a millisecond; a request that waits for the database ends within DATABASE_WAIT_SECONDS.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

REQUESTS = Counter("http_requests", "Requests that were answered.", ["method", "route", "status"])
SECONDS = Histogram("http_request_duration_seconds", "From request to answer.", ["method", "route"], buckets=BUCKETS)
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests under way.", multiprocess_mode="livesum")
CONNECTIONS = Gauge("database_connections", "Connections that are open.", multiprocess_mode="livesum")
ERRORS = Counter("database_errors", "Statements and connections that failed.")
REFUSALS = Counter("authentication_refusals", "Requests refused for their token, or for the lack of one.", ["reason"])
FETCHES = Counter("authentication_key_fetches", "Attempts to fetch the keys of AUTH_JWKS_URL.", ["outcome"])


class Opened(threading.local):
    """The database that this thread last connected to, and whether CONNECTIONS counts it as open."""

    database: BaseDatabaseWrapper | None = None
    is_counted = False


opened = Opened()


# Requests.


@cache
def requests_of(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, status)


@cache
def seconds_of(method: str, route: str) -> Histogram:
    return SECONDS.labels(method, route)


def begin_request() -> None:
    IN_FLIGHT.inc()


def end_request(method: str, route: str, status: int, seconds: float, refusal: str | None) -> None:
    IN_FLIGHT.dec()
    requests_of(method, route, status).inc()
    seconds_of(method, route).observe(seconds)
    if refusal:
        REFUSALS.labels(refusal).inc()
    if opened.is_counted and opened.database and opened.database.connection is None:
        opened.is_counted = False
        CONNECTIONS.dec()


# Statements and connections.


def count_error(execute: Callable[..., Any], *args: Any) -> Any:
    try:
        return execute(*args)
    except Error:
        ERRORS.inc()
        raise


def count_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if count_error not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, count_error)
    opened.database = connection
    if not opened.is_counted:
        opened.is_counted = True
        CONNECTIONS.inc()


def count_failed_connection(**_: Any) -> None:
    ERRORS.inc()


connection_created.connect(count_connection, dispatch_uid="count_connection")
connection_failed.connect(count_failed_connection, dispatch_uid="count_failed_connection")


# The keys of tokens.


@cache
def fetched_gauge() -> Gauge:
    """Made with the first fetch: a service that fetches no keys would show 0, the year 1970."""
    name = "authentication_keys_fetched_timestamp_seconds"
    return Gauge(name, "When the keys were last fetched.", multiprocess_mode="max")


def count_fetch(is_fetched: bool, **_: Any) -> None:
    FETCHES.labels("fetched" if is_fetched else "failed").inc()
    if is_fetched:
        fetched_gauge().set_to_current_time()


keys_attempted.connect(count_fetch, dispatch_uid="count_fetch")


# The page that Prometheus reads.


class MetricsView(SafeView):
    def get(self, request: Request) -> HttpResponse:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        is_allowed = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        if not is_allowed or scheme.lower() != "bearer":
            return JSONResponse({"detail": "The token is missing or wrong"}, 401, {"WWW-Authenticate": "Bearer"})
        return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def registry() -> CollectorRegistry:
    """The metrics of all worker processes, or of this process where there is no other."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    every_process = CollectorRegistry()
    MultiProcessCollector(every_process)  # type: ignore[no-untyped-call]  # why: half typed
    return every_process
