"""Paths that are not about tasks: the root, health, the pages, and paths that do not exist."""

import pytest
from django.db import connection

from tests.conftest import OWNER
from todo_project import __version__


def test_root_names_the_service(api, statements):
    response = api.send("GET", "/")

    assert response.json() == {"name": "Backend Task Service", "version": __version__, "docs": "/docs"}
    assert statements == []


def test_health_asks_nothing_of_the_database(api, statements):
    assert api.send("GET", "/health").json() == {"status": "healthy"}
    assert statements == []


def test_service_is_ready_where_every_migration_is_applied(api):
    response = api.send("GET", "/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_service_with_a_missing_migration_is_not_ready(api):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    response = api.send("GET", "/health/ready")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert "migration" in response.json()["detail"]
    assert response["Retry-After"]


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/", "/api/owner", "/api/a/b/tasks", "/health/"])
def test_path_that_is_nowhere_is_not_found(api, path):
    response = api.send("GET", path)

    assert (response.status_code, response.json()) == (404, {"detail": "Not found"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("suffix", ["", "/{id}", "/{id}/complete"])
def test_trailing_slash_makes_another_path_which_is_not_found(api, method, suffix):
    task = api.create()
    path = f"/api/{OWNER}/tasks{suffix.format(**task)}/"

    response = api.send(method, path, {"title": "Changed"})

    assert response.status_code == 404
    assert response.content == (b"" if method == "HEAD" else b'{"detail":"Not found"}')
    assert "Location" not in response
    assert api.tasks() == [task]


@pytest.mark.parametrize(
    ("method", "headers", "status", "told", "detail"),
    [
        ("POST", {}, 405, {"Allow": "GET, HEAD"}, "Method Not Allowed"),
        ("GET", {"range": "bytes=99999999-"}, 416, {}, "Requested Range Not Satisfiable"),
    ],
)
def test_refusal_of_a_static_file_is_json_too(api, method, headers, status, told, detail):
    response = api.send(method, "/static/admin/css/base.css", **headers)

    assert (response.status_code, response.json()) == (status, {"detail": detail})
    assert {name: response[name] for name in told} == told


def test_refusal_of_a_range_names_the_size(api):
    path = "/static/admin/css/base.css"
    size = len(api.send("GET", path).getvalue())

    assert api.send("GET", path, range="bytes=99999999-")["Content-Range"] == f"bytes */{size}"


METHODS = [
    ("PUT", f"/api/{OWNER}/tasks", "GET, HEAD, POST, PATCH, DELETE"),
    ("OPTIONS", f"/api/{OWNER}/tasks", "GET, HEAD, POST, PATCH, DELETE"),
    ("GET", f"/api/{OWNER}/tasks/batch", "POST"),
    ("POST", f"/api/{OWNER}/tasks/x", "GET, HEAD, PUT, DELETE"),
    ("PATCH", f"/api/{OWNER}/tasks/x", "GET, HEAD, PUT, DELETE"),
    ("GET", f"/api/{OWNER}/tasks/x/complete", "PATCH"),
    ("POST", "/", "GET, HEAD"),
    ("PUT", "/health", "GET, HEAD"),
    ("POST", "/docs", "GET, HEAD"),
    ("DELETE", "/openapi.json", "GET, HEAD"),
]


@pytest.mark.parametrize(("method", "path", "allow"), METHODS)
def test_method_not_allowed_names_those_that_are(api, method, path, allow):
    response = api.send(method, path)

    assert (response.status_code, response["Allow"]) == (405, allow)
    assert response.json() == {"detail": f'Method "{method}" not allowed.'}


def test_method_comes_before_the_user_id(api):
    response = api.send("PUT", "/api/%00/tasks", {})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, PATCH, DELETE")


@pytest.mark.parametrize("path", ["/", "/health", "/health/ready", "/openapi.json", "/docs", "/redoc"])
def test_head_works_wherever_get_does(api, path):
    response = api.send("HEAD", path)

    assert (response.status_code, response.content) == (200, b"")
    assert int(response["Content-Length"]) > 0


@pytest.mark.parametrize("host", ["evil.example", ""])
def test_unknown_host_is_refused(api, host):
    response = api.send("GET", f"/api/{OWNER}/tasks", host=host)

    assert response.status_code == 400
    assert response.json() == {"detail": "This host is not in ALLOWED_HOSTS"}


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
@pytest.mark.parametrize("host", ["evil.example", "10.0.0.1:8000", "no host", ""])
def test_probe_is_answered_whatever_its_host(api, path, host):
    assert api.send("GET", path, host=host).status_code == 200


def test_host_of_a_probe_makes_it_no_trusted_host(api):
    statuses = [api.send("GET", path, host="evil.example").status_code for path in ("/health", "/", "/health", "/")]
    assert statuses == [200, 400, 200, 400]


def test_a_trusted_host_makes_no_other_trusted(api):
    hosts = ["localhost", "evil.example", "evil.example", "localhost", "localhost", "evil.example"]
    statuses = [api.send("GET", "/", host=host).status_code for host in hosts]
    assert statuses == [200, 400, 400, 200, 200, 400]


def test_admin_without_its_slash_leads_to_the_admin(api):
    response = api.send("GET", "/admin")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_fault_of_ours_tells_no_more_than_that(api, monkeypatch, caplog):
    monkeypatch.setattr("tasks.statements.LIST.build", lambda task: 1 / 0)
    monkeypatch.setattr("tasks.statements.LIST.compiled", {})

    response = api.send("GET", f"/api/{OWNER}/tasks")

    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error"})
    assert "ZeroDivisionError" in caplog.text


def test_row_that_the_database_refuses_is_a_fault_of_ours_too(api):
    api.create()
    connection.connection.execute("CREATE UNIQUE INDEX one_task_each ON tasks_task (user_id)")

    response = api.send("POST", f"/api/{OWNER}/tasks", {"title": "Another"})

    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error"})


def test_fault_outside_the_api_is_answered_the_same(api):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")

    response = api.send("GET", "/admin/", cookie=f"sessionid={'x' * 32}")

    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error"})
