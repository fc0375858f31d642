"""Types, hosts, headers and request lines. Each row: its name, the request, the status, the shape."""

import gzip

from tests.hostile.corpus.bodies import TASKS, post, task
from tests.hostile.corpus.framing import framed
from tests.hostile.corpus.targets import ID, NO_TASK, TITLE, get
from tests.support.wire import BAD_HOST, REFUSED, request, with_body

WRONG_TYPE = "Send the body as application/json"
ENCODED = "Send the body without a Content-Encoding"
LIST = "/api/nobody/tasks"
OWN_ORIGIN = "Origin: http://localhost"
TASK = f"{LIST}/{ID}"
A = task("a")


def put(*headers):
    return with_body("PUT", TASK, TITLE, *headers)


def typed(content_type):
    return post(TITLE, content_type=content_type)


def hosted(*hosts):
    return request("GET", LIST, *hosts, host=None)


MULTIPART = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\na\r\n--b--\r\n'
TYPES = [
    ("text", typed("text/plain"), 415, WRONG_TYPE),
    ("a form", post(b"title=a", content_type="application/x-www-form-urlencoded"), 415, WRONG_TYPE),
    ("multipart", post(MULTIPART, content_type="multipart/form-data; boundary=b"), 415, WRONG_TYPE),
    ("multipart without a boundary", post(MULTIPART, content_type="multipart/form-data"), 415, WRONG_TYPE),
    ("text/json", typed("text/json"), 415, WRONG_TYPE),
    ("JSON and more", typed("application/json-patch+json"), 415, WRONG_TYPE),
    ("anything", typed("*/*"), 415, WRONG_TYPE),
    ("two types", typed("application/json, text/plain"), 415, WRONG_TYPE),
    ("bytes", typed(b"\xff\xfe".decode("latin-1")), 415, WRONG_TYPE),
    ("a wrong type and a wrong body", post(b"{", content_type="text/plain"), 415, WRONG_TYPE),
    ("a wrong type to put", with_body("PUT", TASK, b"{}", content_type="a/b"), 415, WRONG_TYPE),
    (
        "a wrong type to toggle",
        with_body("PATCH", f"{TASK}/complete", b"{}", content_type="text/plain"),
        415,
        WRONG_TYPE,
    ),
    ("gzip", post(gzip.compress(TITLE, mtime=0), "Content-Encoding: gzip"), 415, ENCODED),
    ("gzip that is none", post(TITLE, "Content-Encoding: gzip"), 415, ENCODED),
    ("gzip in a second line", post(TITLE, "Content-Encoding: identity", "Content-Encoding: gzip"), 415, ENCODED),
    ("identity", post(TITLE, "Content-Encoding: identity"), 201, A),
    ("an empty coding", post(TITLE, "Content-Encoding:"), 201, A),
    ("a wrong type and gzip", post(TITLE, "Content-Encoding: gzip", content_type="text/plain"), 415, WRONG_TYPE),
    ("no type", typed(None), 201, A),
    ("no type from a page of ours", with_body("POST", TASKS, TITLE, OWN_ORIGIN, content_type=None), 201, A),
    (
        "no type from another page",
        with_body("POST", TASKS, TITLE, "Origin: http://evil.example", content_type=None),
        415,
        WRONG_TYPE,
    ),
    ("an empty type", framed("Content-Type:", f"Content-Length: {len(TITLE)}"), 201, A),
    ("another case", typed("APPLICATION/JSON"), 201, A),
    ("charset=utf-16", typed("application/json; charset=utf-16"), 201, A),
    ("charset=punycode", typed("application/json; charset=punycode"), 201, A),
    ("charset=idna", typed("application/json; charset=idna"), 201, A),
    ("a charset that is none", typed("application/json; charset=../../etc"), 201, A),
    ("parameters of nonsense", typed('application/json;;=;"'), 201, A),
    (
        "100 kB of punycode",
        post(b'{"title": "%s"}' % (b"-a" * 50_000), content_type="application/json; charset=punycode"),
        422,
        ["body.title string_too_long"],
    ),
    ("a list with a type and no body", get(LIST, "Content-Type: application/json"), 200, []),
    ("a list with a body of nonsense", with_body("GET", LIST, b"{", content_type="text/plain"), 200, []),
    ("accepting pictures alone", get(LIST, "Accept: image/png"), 200, []),
    ("accepting nonsense", get(LIST, "Accept: ;q=x,,/"), 200, []),
    ("a format asked for", get(f"{LIST}?format=html"), 200, []),
]

HOSTS = [
    ("another host", hosted("Host: evil.example"), 400, BAD_HOST),
    ("a host that ends alike", hosted("Host: evil-localhost"), 400, BAD_HOST),
    ("a name and a path", hosted("Host: localhost/evil"), 400, BAD_HOST),
    ("user and host", hosted("Host: user@localhost"), 400, BAD_HOST),
    ("a port of letters", hosted("Host: localhost:port"), 400, BAD_HOST),
    ("an empty host", hosted("Host:"), 400, BAD_HOST),
    ("a host of bytes", hosted(b"Host: \xff\xfe"), 400, BAD_HOST),
    ("a host of 5,000 characters", hosted("Host: " + "a" * 5000), 400, BAD_HOST),
    ("an open bracket", hosted("Host: [::1"), 400, BAD_HOST),
    ("two hosts in one", hosted("Host: localhost, evil.example"), 400, BAD_HOST),
    ("two hosts", hosted("Host: localhost", "Host: evil.example"), 400, REFUSED),
    ("the same host twice", hosted("Host: localhost", "Host: localhost"), 400, REFUSED),
    ("no host", hosted(), 400, REFUSED),
    ("a host with a dot", hosted("Host: localhost."), 200, []),
    ("a host in upper case", hosted("Host: LOCALHOST:80"), 200, []),
    ("another forwarded host", get(LIST, "X-Forwarded-Host: evil.example"), 200, []),
    ("a forwarded port", get(LIST, "X-Forwarded-Port: -1"), 200, []),
]

HEADERS = [
    ("a name with a blank", get(LIST, "X Y: 1"), 400, REFUSED),
    ("a blank before the colon", get(LIST, "X-Y : 1"), 400, REFUSED),
    ("no colon", get(LIST, "nonsense"), 400, REFUSED),
    ("no name", get(LIST, ": 1"), 400, REFUSED),
    ("a folded line", get(LIST, "X-Y: 1\r\n 2"), 400, REFUSED),
    ("a NUL", get(LIST, b"X-Y: a\x00b"), 400, REFUSED),
    ("a lone CR", get(LIST, b"X-Y: a\rb"), 400, REFUSED),
    ("a lone LF", get(LIST, b"X-Y: a\nX-Z: b"), 400, REFUSED),
    ("a name of bytes", get(LIST, b"X-\xff: 1"), 400, REFUSED),
    ("101 headers", get(LIST, *(f"X-{n}: 1" for n in range(101))), 431, REFUSED),
    ("2,000 headers", get(LIST, *(f"X-{n}: 1" for n in range(2000))), 431, REFUSED),
    ("a header of 9,000 characters", get(LIST, "X-Y: " + "a" * 9000), 431, REFUSED),
    ("a header of a million", get(LIST, "X-Y: " + "a" * 1_000_000), 431, REFUSED),
    ("an expectation that is none", get(LIST, "Expect: miracles"), 417, REFUSED),
    ("contradicting schemes", get(LIST, "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"), 200, []),
    ("a script name that fits", get(LIST, "SCRIPT_NAME: /api"), 200, []),
    ("a script name that does not", get(LIST, "SCRIPT_NAME: /x"), 200, []),
    ("another path", get(LIST, "PATH_INFO: /admin/"), 200, []),
    ("a header of bytes", get(LIST, b"X-Y: \x80\xff"), 200, []),
    ("a cookie of nonsense", get(LIST, b"Cookie: sessionid=\x80; =;;csrftoken"), 200, []),
    ("an underscore", framed("Content_Length: 1", f"Content-Length: {len(TITLE)}"), 201, A),
    ("a session stolen from nobody", get(LIST, "Authorization: Basic ////"), 200, []),
    (
        "an upgrade to HTTP/2",
        get(LIST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
        200,
        [],
    ),
    (
        "a body behind an upgrade",
        with_body("POST", TASKS, TITLE, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"),
        201,
        A,
    ),
    ("a range", get(LIST, "Range: bytes=5-1"), 200, []),
    ("a date of nonsense", get(LIST, "If-Modified-Since: yesterday"), 200, []),
]

TIME = '"2026-01-01T00:00:00Z"'
BAD_MATCH, BAD_NONE_MATCH = ["header.if-match value_error"], ["header.if-none-match value_error"]
CONDITIONS = [
    ("tags of 8 kB", put(f"If-Match: {', '.join([TIME] * 330)}"), 404, NO_TASK),
    ("tags of more than 8 kB", put(f"If-Match: {', '.join([TIME] * 400)}"), 431, REFUSED),
    ("2,700 empty tags", put("If-Match: " + '"",' * 2700), 404, NO_TASK),
    ("8,000 commas", put("If-Match: " + "," * 8000), 422, BAD_MATCH),
    ("8,000 commas and a tag", put("If-Match: " + "," * 8000 + '"a"'), 404, NO_TASK),
    ("a tag and 8,000 commas and a word", put('If-Match: "a"' + "," * 8000 + "a"), 422, BAD_MATCH),
    ("8,000 quotes", put("If-Match: " + '"' * 8000), 422, BAD_MATCH),
    ("8,001 quotes", put("If-Match: " + '"' * 8001), 422, BAD_MATCH),
    ("a tag that does not end", put('If-Match: "' + "a" * 8000), 422, BAD_MATCH),
    ("a tag of 8,000 characters", put('If-Match: "' + "a" * 8000 + '"'), 404, NO_TASK),
    ("weakness without end", put("If-Match: " + "W/" * 4000), 422, BAD_MATCH),
    ("95 lines of tags", put(*[f"If-Match: {TIME}"] * 95), 404, NO_TASK),
    ("an asterisk in one line, a tag in another", put("If-Match: *", f"If-Match: {TIME}"), 422, BAD_MATCH),
    ("two asterisks", put("If-Match: *", "If-Match: *"), 422, BAD_MATCH),
    ("an empty condition", put("If-Match:"), 422, BAD_MATCH),
    ("a date for a tag", put("If-Match: Thu, 01 Jan 1970 00:00:00 GMT"), 422, BAD_MATCH),
    ("a tag of bytes", put(b'If-Match: "\x80\xff"'), 404, NO_TASK),
    ("bytes without quotes", put(b"If-Match: \x80\xff"), 422, BAD_MATCH),
    ("an underscore in If-Match", put("If_Match: x"), 404, NO_TASK),
    ("a task to read, and nonsense", get(TASK, "If-None-Match: x"), 422, BAD_NONE_MATCH),
    ("a list to read, and nonsense", get(LIST, "If-None-Match: x"), 422, BAD_NONE_MATCH),
    ("2,700 tags of a list", get(LIST, "If-None-Match: " + '"",' * 2700), 200, []),
    ("deleting all under a condition", request("DELETE", LIST, "If-Match: *"), 422, ["query missing", *BAD_MATCH]),
    ("deleting many under a condition", request("DELETE", f"{LIST}?q=a", "If-Match: *"), 422, BAD_MATCH),
]

BAD_KEY = ["header.idempotency-key value_error"]
KEYS = [
    ("an empty key", post(TITLE, "Idempotency-Key:"), 422, BAD_KEY),
    ("a key of quotes", post(TITLE, 'Idempotency-Key: ""'), 422, BAD_KEY),
    ("one quote", post(TITLE, 'Idempotency-Key: "'), 422, BAD_KEY),
    ("a key of 8,000 characters", post(TITLE, "Idempotency-Key: " + "a" * 8000), 422, BAD_KEY),
    ("a key of 9,000 characters", post(TITLE, "Idempotency-Key: " + "a" * 9000), 431, REFUSED),
    ("a key of 8,000 quotes", post(TITLE, "Idempotency-Key: " + '"' * 8000), 422, BAD_KEY),
    ("a key of 8,000 backslashes", post(TITLE, "Idempotency-Key: " + "\\" * 8000), 422, BAD_KEY),
    ("a key of UTF-8", post(TITLE, "Idempotency-Key: é"), 422, BAD_KEY),
    ("a key of Latin-1", post(TITLE, b"Idempotency-Key: \xe9"), 422, BAD_KEY),
    ("a key of UTF-16", post(TITLE, "Idempotency-Key: a".encode("latin-1") + b"\xff\xfe"), 422, BAD_KEY),
    ("a key with a NUL", post(TITLE, b"Idempotency-Key: a\x00b"), 400, REFUSED),
    ("a key with a tab", post(TITLE, "Idempotency-Key: a\tb"), 422, BAD_KEY),
    ("a key with a blank", post(TITLE, "Idempotency-Key: a b"), 422, BAD_KEY),
    ("a key for a name in an extended notation", post(TITLE, "Idempotency-Key*: UTF-8''%ff"), 201, A),
    ("an underscore in the key's name", post(TITLE, "Idempotency_Key: a b"), 201, A),
    ("a bad key and a bad body", post(b"{}", "Idempotency-Key:"), 422, [*BAD_KEY, "body.title missing"]),
    ("a bad key to read", get(LIST, "Idempotency-Key: a b"), 200, []),
]

LINES = [
    ("HTTP/2.0", get(LIST, version="HTTP/2.0"), 400, REFUSED),
    ("HTTP/1.2", get(LIST, version="HTTP/1.2"), 400, REFUSED),
    ("HTTP/0.9", get(LIST, version="HTTP/0.9"), 400, REFUSED),
    ("HTTP/1", get(LIST, version="HTTP/1"), 400, REFUSED),
    ("another protocol", get(LIST, version="ICY/1.1"), 400, REFUSED),
    ("no version", b"GET /api/nobody/tasks\r\n\r\n", 400, REFUSED),
    ("a line that is one word", b"nonsense\r\n\r\n", 400, REFUSED),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, REFUSED),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, REFUSED),
    ("bare line feeds", b"GET /api/nobody/tasks HTTP/1.1\nHost: localhost\n\n", 400, REFUSED),
    ("an empty line before", b"\r\n" + get(LIST), 200, []),
    ("HTTP/1.0", get(LIST, version="HTTP/1.0"), 200, []),
]

ROWS = {"condition": CONDITIONS, "key": KEYS, "type": TYPES, "host": HOSTS, "header": HEADERS, "line": LINES}
