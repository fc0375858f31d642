"""What a page on another origin may do with the API. A real browser applies the rules."""

import http.server
import json
import secrets
import threading
from contextlib import contextmanager
from functools import cache
from urllib.parse import urljoin

import pytest
from django.conf import settings

from tests.conftest import JSON, new_database
from tests.support.chromium import chromium
from tests.support.client import create, parsed, send_bytes, tasks
from tests.support.service import Gunicorn

pytestmark = pytest.mark.run_once("sqlite")

# Pages have several host names, all of which lead to this machine.
NAMES = "--host-resolver-rules=MAP *.test 127.0.0.1"
FETCH = """async ([url, method, body, headers]) => {
    try {
        const answer = await fetch(url, {method, body, headers, credentials: "include"});
        return [answer.status, await answer.json(), Object.fromEntries(answer.headers)];
    } catch (error) {
        return error.name;
    }
}"""
# All that a page learns of an answer that its origin may not read.
BLOCKED = "TypeError"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/sandboxed":
            self.send_header("Content-Security-Policy", "sandbox allow-scripts")
        self.end_headers()

    def log_message(self, *args):
        pass


@contextmanager
def frontend():
    """Runs a web server of pages, and yields its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def ports(django_db_setup):
    """The ports of two web servers: CORS_ALLOWED_ORIGINS lists origins of one, and none of the other."""
    with frontend() as listed, frontend() as other:
        yield {"listed": listed, "other": other}


@pytest.fixture(scope="module")
def api(ports, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cors")
    origins = f"http://app.test:{ports['listed']},http://second.test:{ports['listed']}"
    with new_database(folder) as url, Gunicorn(url, folder / "log", CORS_ALLOWED_ORIGINS=origins) as running:
        yield running


@pytest.fixture(scope="module")
def browser(api):
    with chromium(NAMES) as browser:
        yield browser


@pytest.fixture(scope="module")
def call_from(browser, api):
    """Calls a path or a URL from a page. Returns the status, body and headers, or the name of fetch's error."""
    with browser.new_context() as context:

        @cache
        def page_at(url):
            page = context.new_page()
            page.goto(url)
            return page

        def call(page_url, method, path, body=None, content_type=JSON, **headers):
            headers |= {"Content-Type": content_type} if body is not None else {}
            return page_at(page_url).evaluate(FETCH, [urljoin(api.url, path), method, body, headers])

        yield call


@pytest.fixture
def call(call_from, ports):
    """Calls from a page of a listed origin."""
    return lambda *request, **headers: call_from(f"http://app.test:{ports['listed']}/", *request, **headers)


@pytest.fixture
def user_id():
    return f"cors-{secrets.token_hex(4)}"


# A listed origin


def test_page_of_a_listed_origin_uses_the_six_operations(call, user_id):
    many = f"/api/{user_id}/tasks"
    status, task, headers = call("POST", many, '{"title": "Of the page"}')
    one = f"{many}/{task['id']}"
    assert (status, headers["location"]) == (201, one)
    assert call("GET", many)[:2] == [200, [task]]
    assert call("GET", one)[:2] == [200, task]
    status, changed, _ = call("PUT", one, '{"title": "Changed"}')
    assert (status, changed) == (200, task | {"title": "Changed", "updated_at": changed["updated_at"]})
    status, done, _ = call("PATCH", f"{one}/complete", '{"is_completed": true}')
    assert (status, done) == (200, changed | {"is_completed": True, "updated_at": done["updated_at"]})
    assert call("DELETE", one)[:2] == [200, {"message": "Task deleted successfully"}]


def test_page_reads_the_headers_that_are_exposed(call, user_id):
    _, _, headers = call("POST", f"/api/{user_id}/tasks", '{"title": "Of the page"}')
    exposed = {name.lower() for name in settings.CORS_EXPOSE_HEADERS} & {"location", "x-request-id"}
    assert headers.keys() & {"location", "x-request-id"} == exposed
    assert "location" in exposed


def test_page_may_choose_the_id_of_its_request(call, user_id):
    _, _, headers = call("POST", f"/api/{user_id}/tasks", '{"title": "Mine"}', **{"X-Request-ID": "mine"})
    assert headers["x-request-id"] == "mine"


def test_each_listed_origin_may(call_from, ports, user_id):
    page = f"http://second.test:{ports['listed']}/"
    assert call_from(page, "POST", f"/api/{user_id}/tasks", '{"title": "Of the second"}')[0] == 201


# Headers that tracing in the browser adds, and the one with which a page asks for an answer that is not from a cache.
HEADERS = {
    "baggage": "release=1",
    "cache-control": "no-cache",
    "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "vendor=value",
}


@pytest.mark.parametrize("name", HEADERS)
def test_page_may_send_headers_of_tracing(call, user_id, name):
    assert call("GET", f"/api/{user_id}/tasks", **{name: HEADERS[name]})[:2] == [200, []]


TOO_LARGE = json.dumps({"title": "x" * 131_072})
ERRORS = [
    ("GET", "/{task}", None, JSON, 404, "Task not found"),
    ("GET", "/{task}/nothing", None, JSON, 404, "Not found"),
    ("POST", "", TOO_LARGE, JSON, 413, "The body is larger than 131072 bytes"),
    ("POST", "/{task}", "{}", JSON, 405, 'Method "POST" not allowed.'),
]


@pytest.mark.parametrize(("method", "path", "body", "content_type", "status", "detail"), ERRORS)
def test_page_reads_errors(call, user_id, method, path, body, content_type, status, detail):
    path = f"/api/{user_id}/tasks" + path.format(task="none")
    assert call(method, path, body, content_type)[:2] == [status, {"detail": detail}]


def test_page_reads_what_is_not_valid(call, user_id):
    problem = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}
    assert call("POST", f"/api/{user_id}/tasks", "{}")[:2] == [422, {"detail": [problem]}]


def test_page_reads_which_type_to_send(call, user_id):
    status, body, _ = call("POST", f"/api/{user_id}/tasks", "title=A", "text/plain")
    assert (status, "application/json" in body["detail"]) == (415, True)


# Outside of /api/

OUTSIDE = [
    ("GET", "/tasks", None, 404, "Not found"),
    ("GET", "/api", None, 404, "Not found"),
    ("POST", "/apis/anyone/tasks", '{"title": "A"}', 404, "Not found"),
    ("DELETE", "/administration", None, 404, "Not found"),
    ("PUT", "/", "{}", 405, 'Method "PUT" not allowed.'),
    ("DELETE", "/health", None, 405, 'Method "DELETE" not allowed.'),
    ("POST", "/tasks", TOO_LARGE, 413, "The body is larger than 131072 bytes"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "detail"), OUTSIDE)
def test_page_reads_errors_outside_of_the_api(call, method, path, body, status, detail):
    assert call(method, path, body)[:2] == [status, {"detail": detail}]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", '{"title": "A"}')])
def test_page_reads_that_the_host_is_unknown(call, api, user_id, method, body):
    url = f"http://unknown.test:{api.port}/api/{user_id}/tasks"
    assert call(method, url, body)[:2] == [400, {"detail": "This host is not in ALLOWED_HOSTS"}]


PAGES = ["/admin", "/admin/", "/admin/login/", "/admin/nothing", "/docs", "/redoc", "/static/admin/css/base.css"]


@pytest.mark.parametrize("path", PAGES)
def test_page_reads_no_page_of_the_service(call, path):
    assert call("GET", path) == BLOCKED
    assert call("POST", path, "{}") == BLOCKED


ADMIN = [
    "/admin/",
    "/%61dmin/",
    "/admin%2F",
    "/admin/%ff",
    "/admin/?next=%20",
    "http://localhost/admin/",
    "http://localhost/%61dmin/",
    "//admin/",
    "/%2Fadmin/",
    "/x/../admin/",
    "/x%2F..%2Fadmin/",
    "/%2561dmin/",
]


@pytest.mark.parametrize("target", ADMIN)
def test_no_spelling_of_its_path_makes_the_admin_readable(api, ports, target):
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://app.test:{ports['listed']}\r\n"
    answer = send_bytes(api, f"{head}Connection: close\r\n\r\n".encode())
    is_readable = b"access-control-allow-origin" in answer.partition(b"\r\n\r\n")[0].lower()
    assert not is_readable or parsed(answer) == (404, {"detail": "Not found"})


# Any other origin

OTHERS = [
    "http://other.test:{listed}/",
    "http://app.test:{other}/",
    "http://127.0.0.1:{listed}/",
    "http://sub.app.test:{listed}/",
    "http://notapp.test:{listed}/",
    "http://app.test.evil.test:{listed}/",
    # A sandboxed page has no origin: the browser sends "null".
    "http://app.test:{listed}/sandboxed",
]


@pytest.mark.parametrize("page", OTHERS)
def test_page_of_another_origin_reads_nothing(call_from, api, ports, user_id, page):
    create(api, user_id, "Not for that page")
    page = page.format(**ports)
    assert call_from(page, "GET", f"/api/{user_id}/tasks") == BLOCKED
    assert call_from(page, "GET", "/tasks") == BLOCKED


@pytest.mark.parametrize("page", OTHERS)
def test_page_of_another_origin_writes_nothing(call_from, api, ports, user_id, page):
    task = create(api, user_id, "Not for that page")
    one = f"/api/{user_id}/tasks/{task['id']}"
    page = page.format(**ports)
    assert call_from(page, "DELETE", one) == BLOCKED
    assert call_from(page, "PUT", one, '{"title": "Taken over"}') == BLOCKED
    assert call_from(page, "PATCH", f"{one}/complete") == BLOCKED
    assert call_from(page, "POST", f"/api/{user_id}/tasks", '{"title": "More"}') == BLOCKED
    assert tasks(api, user_id) == [task]


@pytest.mark.parametrize("page", OTHERS)
def test_request_that_needs_no_preflight_writes_nothing(browser, api, ports, user_id, page):
    forge = """url => fetch(url, {method: "POST", mode: "no-cors", body: new Blob(['{"title": "Forged"}'])})"""
    with browser.new_context() as context:
        forger = context.new_page()
        forger.goto(page.format(**ports))
        forger.evaluate(forge, f"{api.url}/api/{user_id}/tasks")
    assert tasks(api, user_id) == []
