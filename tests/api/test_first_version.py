"""What a client of the first version sends is answered as it was then, byte for byte. Only the entity tag is new."""

import re

import pytest

from tests.conftest import OWNER

TASKS = f"/api/{OWNER}/tasks"
NO_TASK = b'{"detail":"Task not found"}'
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Request-ID": "test",
}
TASK = (
    b'{"id":"ID","user_id":"owner","title":"%s","description":%s,"is_completed":%s,'
    b'"created_at":"TIME","updated_at":"TIME"}'
)
NEW = TASK % (b"A task", b"null", b"false")
MISSING_TITLE = b'{"detail":[{"loc":["body","title"],"msg":"Field required","type":"missing"}]}'
# What was sent, the status, the body, and the headers besides HEADERS and the length.
EXCHANGES = [
    ("GET", "", b"", 200, b"[%s]" % NEW, {"ETag"}),
    ("GET", "?page=2&format=html&%ff=%00&a[]=1&", b"", 200, b"[%s]" % NEW, {"ETag"}),
    ("HEAD", "", b"", 200, b"", {"ETag"}),
    ("POST", "", {"title": " A task "}, 201, NEW, {"ETag", "Location"}),
    ("POST", "?sort=x&limit=0", {"title": "A task", "x": 1}, 201, NEW, {"ETag", "Location"}),
    ("POST", "", {}, 422, MISSING_TITLE, set()),
    ("GET", "/{id}", b"", 200, NEW, {"ETag"}),
    ("HEAD", "/{id}", b"", 200, b"", {"ETag"}),
    ("PUT", "/{id}", {"title": "B", "description": ""}, 200, TASK % (b"B", b'""', b"false"), set()),
    ("PATCH", "/{id}/complete", b"", 200, TASK % (b"A task", b"null", b"true"), {"ETag"}),
    ("PATCH", "/{id}/complete", {"is_completed": False}, 200, NEW, {"ETag"}),
    ("DELETE", "/{id}", b"", 200, b'{"message":"Task deleted successfully"}', set()),
    *[(method, "/x", {"title": "B"}, 404, NO_TASK, set()) for method in ("GET", "PUT", "DELETE")],
    ("PATCH", "/x/complete", b"", 404, NO_TASK, set()),
]


def without_what_changes(body):
    body = re.sub(rb'"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"', b'"ID"', body)
    return re.sub(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"', b'"TIME"', body)


@pytest.mark.parametrize(("method", "suffix", "body", "status", "expected", "more"), EXCHANGES)
def test_client_of_the_first_version_gets_the_same_bytes(api, method, suffix, body, status, expected, more):
    task = api.create()

    response = api.send(method, TASKS + suffix.format(**task), body)

    assert (response.status_code, without_what_changes(response.content)) == (status, expected)
    if method != "HEAD":
        assert response["Content-Length"] == str(len(response.content))
    assert {name: value for name, value in response.items() if name not in {"Content-Length"} | more} == HEADERS
    assert set(response.headers) == {*HEADERS, "Content-Length", *more}
