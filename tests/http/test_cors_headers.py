"""Which answers a page of a listed origin may read, judged by their headers. test_cors.py asks a browser."""

import pytest
from django.db import connection

from tests.conftest import OWNER

ORIGIN = "https://app.example"
READABLE = {
    "Access-Control-Allow-Origin": ORIGIN,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "ETag, Idempotency-Replayed, Link, Location, Retry-After, X-Request-ID",
}
PREFLIGHT = READABLE | {
    "Access-Control-Allow-Headers": "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with, "
    "baggage, cache-control, idempotency-key, if-match, if-none-match, "
    "sentry-trace, traceparent, tracestate, x-request-id",
    "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
    "Access-Control-Max-Age": "86400",
}


@pytest.fixture
def api(api, settings):
    """The API with the middleware that the settings add, in the same place, if an origin is listed."""
    hosts = settings.MIDDLEWARE.index("todo_project.middleware.hosts.TrustedHostMiddleware")
    settings.MIDDLEWARE = settings.MIDDLEWARE.copy()
    settings.MIDDLEWARE.insert(hosts, "corsheaders.middleware.CorsMiddleware")
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    return api


def ask(api, method, path, body=b"", origin=ORIGIN, **headers):
    """The status and the CORS headers."""
    response = api.send(method, path, body, origin=origin, **headers)
    response.close()
    cors = {name.title(): value for name, value in response.items() if name.lower().startswith("access-control-")}
    return response.status_code, cors


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"/api/{OWNER}/tasks", b"", 200),
        ("GET", f"/api/{OWNER}/tasks/x", b"", 404),
        ("POST", f"/api/{OWNER}/tasks", {}, 422),
        ("GET", "/tasks", b"", 404),
        ("GET", "/apis/owner/tasks", b"", 404),
        ("GET", "/%ff", b"", 404),
        ("GET", "/documents", b"", 404),
        ("GET", "/health", b"", 200),
        ("PUT", "/health", b"", 405),
        ("GET", "/openapi.json", b"", 200),
        ("POST", "/tasks", b" " * 131_073, 413),
    ],
)
def test_page_of_a_listed_origin_reads(api, method, path, body, status):
    assert ask(api, method, path, body) == (status, READABLE)


@pytest.mark.parametrize("path", [f"/api/{OWNER}/tasks", "/tasks"])
def test_page_of_a_listed_origin_reads_that_the_host_is_unknown(api, path):
    assert ask(api, "GET", path, host="evil.example") == (400, READABLE)


def test_page_of_a_listed_origin_reads_that_a_transfer_coding_is_unknown(api):
    assert ask(api, "POST", "/tasks", transfer_encoding="gzip") == (400, READABLE)


def test_page_of_a_listed_origin_reads_that_the_service_is_not_ready(api):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    assert ask(api, "GET", "/health/ready") == (503, READABLE)


def test_page_of_a_listed_origin_reads_of_an_error_in_the_service(api, monkeypatch):
    monkeypatch.setattr("todo_project.api.schema.openapi_json", lambda: 1 / 0)

    assert ask(api, "GET", "/openapi.json") == (500, READABLE)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin", 302),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/docs", 200),
        ("/redoc", 200),
        ("/static/admin/css/base.css", 200),
    ],
)
def test_no_page_of_another_origin_reads_the_admin_and_the_documents(api, path, status):
    assert ask(api, "GET", path) == (status, {})


@pytest.mark.parametrize("path", [f"/api/{OWNER}/tasks", "/tasks"])
def test_preflight_names_what_a_page_may_send(api, path):
    assert ask(api, "OPTIONS", path, access_control_request_method="POST") == (200, PREFLIGHT)


def test_preflight_for_the_admin_names_nothing(api):
    assert ask(api, "OPTIONS", "/admin/login/", access_control_request_method="POST")[1] == {}


@pytest.mark.parametrize("origin", ["https://other.example", "https://app.example.evil.example", "http://app.example"])
@pytest.mark.parametrize("path", [f"/api/{OWNER}/tasks", "/tasks"])
def test_page_of_an_origin_that_is_not_listed_reads_nothing(api, path, origin):
    assert ask(api, "GET", path, origin=origin)[1] == {}
    assert ask(api, "OPTIONS", path, origin=origin, access_control_request_method="POST")[1] == {}
