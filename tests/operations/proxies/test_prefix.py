"""The service under a path prefix (SCRIPT_NAME), behind nginx that takes the prefix off, and nginx that does not."""

import json
import re
import signal
from urllib.parse import urlsplit

import pytest

from tests.conftest import METRICS_TOKEN, new_database
from tests.support.client import Client, parsed, send_bytes
from tests.support.service import ROOT, Gunicorn, Service
from tests.support.waiting import until
from todo_project import urls
from todo_project.environment.readers import SEGMENTS

# The database makes no difference to paths.
pytestmark = pytest.mark.run_once("sqlite")
TASKS = "/svc/api/user/tasks"
WORKERS = {"own worker": "", "gthread": "--worker-class gthread"}


@pytest.fixture(scope="module", params=WORKERS)
def service(request, tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("prefix")
    settings = {"SCRIPT_NAME": "/svc", "METRICS_TOKEN": METRICS_TOKEN, "GUNICORN_CMD_ARGS": WORKERS[request.param]}
    with new_database(folder) as url, Gunicorn(url, folder / "log", **settings) as service:
        yield service


@pytest.fixture
def client(prefixed):
    with Client(prefixed.port) as client:
        yield client


@pytest.fixture
def direct(service):
    with Client(service.port) as client:
        yield client


def test_the_six_operations_by_the_location_of_the_task(client):
    created = client("POST", TASKS, {"title": "One"})
    task, location = created.body, created.headers["Location"]
    assert location == f"{TASKS}/{task['id']}"
    assert client("GET", location).body == task
    assert client("GET", TASKS).body == [task]
    assert client("PUT", location, {"title": "Two"}).body["title"] == "Two"
    assert client("PATCH", f"{location}/complete").body["is_completed"] is True
    assert client("DELETE", location).status == 200
    assert client("GET", TASKS).body == []


def test_pages_by_their_links(client, prefixed):
    path, titles = f"/svc/api/reader%2Bof%20{prefixed.port}/tasks", []
    for number in range(5):
        assert client("POST", path, {"title": f"{number}"}).status == 201
    url = f"{path}?limit=2"
    while url:
        answer = client("GET", url)
        titles += [task["title"] for task in answer.body]
        [url] = re.findall('^<(/svc/.*)>; rel="next"$', answer.headers.get("Link", "")) or [""]
    assert sorted(titles) == ["0", "1", "2", "3", "4"]


def test_documents_name_the_prefix(client):
    assert client("GET", "/svc/").body["docs"] == "/svc/docs"
    document = json.loads((ROOT / "openapi.json").read_text())
    assert client("GET", "/svc/openapi.json").body == document | {
        "servers": [{"url": "/svc", "description": "This service"}]
    }


@pytest.mark.parametrize("path", ["/admin", "/admin/"])
def test_admin_leads_to_its_log_in(client, path):
    answer = client("GET", f"/svc{path}")
    while answer.status == 302:
        path = answer.headers["Location"]
        answer = client("GET", path)
    assert (answer.status, path) == (200, "/svc/admin/login/?next=/svc/admin/")
    [cookie] = re.findall("^csrftoken_svc=.*", answer.headers["Set-Cookie"])
    assert "; Path=/svc;" in cookie


@pytest.mark.parametrize("page", ["/svc/docs", "/svc/redoc", "/svc/admin/login/"])
def test_all_that_a_page_loads_is_under_the_prefix(client, page):
    urls = re.findall('(?:src|href)="([^"#]+)"', client("GET", page).body.decode())
    assert urls
    assert [url for url in urls if not url.startswith("/svc/") or client("GET", url).status not in (200, 302)] == []


def test_metrics_are_not_for_the_world(client):
    assert client("GET", "/svc/metrics").status == 403


# Without a proxy.


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health", 200),
        ("/svc/health", 200),
        ("/svc/health?x=/svc", 200),
        ("/%73vc/health", 200),
        ("/svc/%68ealth", 200),
        ("/svc", 200),
        ("/svc/", 200),
        ("/%73vc", 200),
        ("/svc%2Fhealth", 404),
        ("/svcx/health", 404),
        ("/SVC/health", 404),
        ("/svc//health", 404),
        ("/other/health", 404),
        ("/svc/static/admin/css/base.css", 200),
        ("/static/admin/css/base.css", 200),
        ("/svc/api/a%2Fb/tasks", 422),
        ("/api/a%2Fb/tasks", 422),
        ("/svc/api/%ff/tasks", 422),
        ("/svc/api/a%20b/tasks", 200),
        ("/svc/api/%C3%BC/tasks", 200),
        ("/svc/api/svc/tasks", 200),
    ],
)
def test_prefix_may_be_there_or_not(direct, path, status):
    assert direct("GET", path).status == status


def test_user_id_is_the_same_with_the_prefix_and_without(direct):
    task = direct("POST", "/api/%2573vc%20x/tasks", {"title": "One"}).body
    assert task["user_id"] == "%73vc x"
    assert direct("GET", "/svc/api/%2573vc%20x/tasks").body == [task]


def test_target_may_name_the_host(service):
    request = (
        b"GET http://localhost/svc/api/a%%20b/tasks HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n" % b"close"
    )
    assert parsed(send_bytes(service, request)) == (200, [])


def test_metrics_and_the_log_name_routes_without_the_prefix(direct, service):
    assert direct("GET", "/svc/api/a/tasks/x").status == 404
    metrics = direct("GET", "/svc/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).body.decode()
    assert '/api/{user_id}/tasks/{task_id}"' in metrics
    assert "svc" not in metrics
    routes = {json.loads(line)["route"] for line in service.log.read_text().splitlines() if '"route"' in line}
    assert "/api/{user_id}/tasks/{task_id}" in routes
    assert not any("svc" in route for route in routes)


def test_prefix_survives_a_reload(direct, service):
    before = set(service.listening_workers())
    service.process.send_signal(signal.SIGHUP)
    until(lambda: len(service.workers()) == 2 and not before & set(service.workers()), 30)
    direct.close()
    assert direct("POST", TASKS, {"title": "One"}).headers["Location"].startswith(TASKS)


# Other servers.


class Runserver(Service):
    """Django's server, which serve starts on Windows."""

    @property
    def command(self):
        return "manage.py", "runserver", "--noreload", "--insecure", f"127.0.0.1:{self.port}"


@pytest.mark.parametrize("debug", ["on", "off"])
def test_runserver(tmp_path, django_db_setup, debug):
    with new_database(tmp_path) as url, Runserver(url, tmp_path / "log", SCRIPT_NAME="/svc", DEBUG=debug) as service:
        for prefix in ("/svc", ""):
            with Client(service.port) as client:
                created = client("POST", f"{prefix}/api/user/tasks", {"title": "One"})
                assert created.headers["Location"] == f"{TASKS}/{created.body['id']}"
                assert client("GET", f"{prefix}/static/admin/css/base.css").status == 200
                assert b"/svc/static/drf_spectacular_sidecar/" in client("GET", f"{prefix}/docs").body


@pytest.mark.parametrize("prefix", ["/svc/v1", "/he"])
def test_serve_says_where_it_serves(tmp_path, django_db_setup, prefix):
    with new_database(tmp_path) as url, Service(url, tmp_path / "log", SCRIPT_NAME=prefix) as service:
        said = service.log.read_text()
        for path in ("api/{user_id}/tasks", "docs", "admin/"):
            assert f"{service.url}{prefix}/{path}" in said
        with Client(service.port) as client:
            assert client("GET", f"{prefix}/").body["docs"] == f"{prefix}/docs"
            # It begins with /he, but not with /he/.
            assert client("GET", "/health").status == 200
            assert client("GET", "/svc/").status == 404


def test_each_path_of_the_service_is_refused_as_a_prefix():
    routes = {str(pattern.pattern).partition("/")[0] for pattern in urls.urlpatterns} - {""}
    assert routes <= SEGMENTS
    assert SEGMENTS - routes <= {"metrics", "static"}


# What sets no prefix.

HEADERS = ["SCRIPT_NAME", "Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "PATH_INFO", "Path-Info", "SCRIPT_URL"]


@pytest.fixture(scope="module", params=WORKERS)
def plain(request, tmp_path_factory, django_db_setup):
    """A service for which nobody has set the variable: it is blank."""
    folder = tmp_path_factory.mktemp("plain")
    settings = {"SCRIPT_NAME": " ", "GUNICORN_CMD_ARGS": WORKERS[request.param]}
    with new_database(folder) as url, Gunicorn(url, folder / "log", **settings) as service:
        yield service


@pytest.mark.parametrize("value", ["/svc", "/api", "/", "svc", "http://other", ""])
def test_no_header_sets_a_prefix(plain, value):
    with Client(plain.port) as client:
        for name in HEADERS:
            created = client("POST", "/api/u/tasks", {"title": "One"}, {name: value})
            assert (created.status, urlsplit(created.headers["Location"]).path[:12]) == (201, "/api/u/tasks")
            assert client("GET", "/", headers={name: value}).body["docs"] == "/docs"
            assert client("GET", "/svc/api/u/tasks", headers={name: value}).status == 404


def test_no_header_changes_the_prefix(direct):
    for name in HEADERS:
        created = direct("POST", TASKS, {"title": "One"}, {name: "/other"})
        assert (created.status, created.headers["Location"][: len(TASKS)]) == (201, TASKS)


@pytest.mark.parametrize(
    "path", ["/svc", "/svc/", "/svc/health", "/svc/admin/", "/svc/docs", "/svc/static/x", "/svc%2F"]
)
def test_prefix_that_is_not_configured_is_an_unknown_path(plain, path):
    with Client(plain.port) as client:
        assert client("GET", path)[:2] == (404, {"detail": "Not found"})
