"""Every bad input is answered with 422, 415 or 413 and the reason, and changes nothing."""

import pytest

from tests.conftest import JSON, OWNER

TASKS = f"/api/{OWNER}/tasks"
MISSING = ("Field required", "missing")
NO_STRING = ("Input should be a valid string", "string_type")
NO_BOOLEAN = ("Input should be a valid boolean", "bool_type")
BLANK = ("String should have at least 1 character", "string_too_short")
LONG_TITLE = ("String should have at most 500 characters", "string_too_long")
LONG_DESCRIPTION = ("String should have at most 5000 characters", "string_too_long")
NO_NUL = ("Null characters are not allowed.", "value_error")
NO_SURROGATE = ("Surrogate characters are not allowed: U+D800.", "value_error")
DEEP = b"[" * 900 + b"]" * 900

MEMBERS = [
    *[("title", value, *NO_STRING) for value in (b"null", b"5", b"1.5", b"true", b"[]", b"{}", b'["x"]', DEEP)],
    *[("title", value, *BLANK) for value in (b'""', b'" "', b'"\\n\\t\\u2003"', b'"\\u0085\\u2028"')],
    *[("title", b'"%s"' % (text.encode() * 501), *LONG_TITLE) for text in ("x", "é", "𝄞")],
    ("title", b'"\\u0000"', *NO_NUL),
    ("title", b'"a\\u0000b"', *NO_NUL),
    ("title", b'"\\ud800"', *NO_SURROGATE),
    *[("description", value, *NO_STRING) for value in (b"5", b"false", b"[]", b"{}", DEEP)],
    *[("description", b'"%s"' % (text.encode() * 5_001), *LONG_DESCRIPTION) for text in ("x", "𝄞")],
    ("description", b'"\\u0000"', *NO_NUL),
    ("description", b'"\\ud800"', *NO_SURROGATE),
    *[("is_completed", value, *NO_BOOLEAN) for value in (b"null", b"1", b"0", b'"true"', b'""', b"[]", b"{}", DEEP)],
]


@pytest.mark.parametrize(("member", "value", "msg", "type"), MEMBERS)
def test_wrong_member_is_named_on_create_and_on_update(api, member, value, msg, type):
    task = api.create()
    members = [b'"%s":%s' % (member.encode(), value)] + ([] if member == "title" else [b'"title":"x"'])
    body = b"{%s}" % b",".join(members)

    for method, path in (("POST", TASKS), ("PUT", f"{TASKS}/{task['id']}")):
        response = api.send(method, path, body)
        assert response.json() == {"detail": [{"loc": ["body", member], "msg": msg, "type": type}]}
        assert response.status_code == 422
    assert api.tasks() == [task]


def test_every_problem_is_told_and_not_only_the_first(api):
    response = api.send("POST", "/api/%00/tasks", {"description": 5, "is_completed": "x"})

    found = [(item["loc"], item["type"]) for item in response.json()["detail"]]
    assert found == [
        (["path", "user_id"], "value_error"),
        (["body", "title"], "missing"),
        (["body", "description"], "string_type"),
        (["body", "is_completed"], "bool_type"),
    ]


INVALID_JSON = {
    "cut": b'{"title": "x"',
    "single quotes": b"{'title': 'x'}",
    "trailing comma": b'{"title": "x",}',
    "two values": b'{"title": "x"} {}',
    "NaN": b'{"title": "x", "n": NaN}',
    "Infinity": b'{"title": "x", "n": -Infinity}',
    "bad UTF-8": b'{"title": "\xff"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "control character": b'{"title": "a\nb"}',
    "deep": b"[" * 60_000 + b"]" * 60_000,
    "deep object": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "blank": b"   ",
    "form": b"title=x",
}


@pytest.mark.parametrize("name", INVALID_JSON)
def test_what_is_not_json_is_json_invalid(api, name):
    response = api.send("POST", TASKS, INVALID_JSON[name])

    (item,) = response.json()["detail"]
    assert (response.status_code, item["loc"][0], item["type"]) == (422, "body", "json_invalid")
    assert item["msg"].startswith("JSON decode error: ")
    assert api.tasks() == []


@pytest.mark.parametrize("body", [b"null", b"[]", b'["title"]', b'"title"', b"5", b"true", b"1e400"])
def test_body_that_is_no_object_is_told_so(api, body):
    for method, path in (("POST", TASKS), ("PUT", f"{TASKS}/{api.create('x')['id']}")):
        response = api.send(method, path, body)
        assert response.json() == {
            "detail": [{"loc": ["body"], "msg": "Input should be an object", "type": "model_type"}]
        }
        assert response.status_code == 422


def test_empty_body_is_missing_where_one_is_needed(api):
    task = api.create()

    for method, path in (("POST", TASKS), ("PUT", f"{TASKS}/{task['id']}")):
        response = api.send(method, path)
        assert response.json() == {"detail": [{"loc": ["body"], "msg": "Field required", "type": "missing"}]}
        assert response.status_code == 422


TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/xml",
    "*/*",
    "json",
    ";",
]


@pytest.mark.parametrize("content_type", [*TYPES, "application/jsonp", "application/merge-patch+json"])
def test_body_of_another_type_is_refused_with_the_type_to_send(api, content_type):
    response = api.send("POST", TASKS, {"title": "x"}, content_type)

    if content_type == ";":
        assert response.status_code == 201
    else:
        assert (response.status_code, response.json()) == (415, {"detail": "Send the body as application/json"})
        assert api.tasks() == []


@pytest.mark.parametrize(
    "content_type", ["", JSON, "Application/JSON", f"{JSON}; charset=utf-8", f"{JSON};charset=punycode", f"{JSON}; x=y"]
)
def test_json_is_taken_without_a_type_and_with_any_parameter(api, content_type):
    assert api.send("POST", TASKS, {"title": "é"}, content_type).json()["title"] == "é"


def test_body_without_a_type_from_a_page_of_another_origin_is_refused(api):
    response = api.send("POST", TASKS, {"title": "x"}, "", origin="https://evil.example")

    assert (response.status_code, response.json()) == (415, {"detail": "Send the body as application/json"})
    assert api.tasks() == []


OWN = [
    ({"host": "localhost:8000"}, "http://localhost:8000"),
    ({"host": "LOCALHOST"}, "http://localhost"),
    ({"host": "localhost:80"}, "http://localhost"),
    ({"host": "[::1]:8000"}, "http://[::1]:8000"),
    ({"host": "localhost", "x_forwarded_proto": "https"}, "https://localhost"),
    ({"host": "localhost:443", "x_forwarded_proto": "https"}, "https://localhost"),
]


@pytest.mark.parametrize(("headers", "origin"), OWN)
def test_body_without_a_type_from_a_page_of_the_service_is_json(api, settings, headers, origin):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["localhost", "[::1]"]

    assert api.send("POST", TASKS, {"title": "x"}, "", origin=origin, **headers).status_code == 201


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"host": "localhost:8000"}, "http://localhost"),
        ({"host": "localhost"}, "http://localhost:8000"),
        ({"host": "localhost"}, "https://localhost"),
        ({"host": "localhost", "x_forwarded_proto": "https"}, "http://localhost"),
        ({"host": "localhost"}, "null"),
        ({"host": "localhost", "x_forwarded_host": "evil.example"}, "http://evil.example"),
        ({"host": "localhost:443"}, "http://localhost"),
    ],
)
def test_page_of_another_scheme_host_or_port_is_not_one_of_the_service(api, settings, headers, origin):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]

    assert api.send("POST", TASKS, {"title": "x"}, "", origin=origin, **headers).status_code == 415
    assert api.tasks() == []


def test_scheme_that_is_not_configured_makes_no_page_one_of_the_service(api):
    headers = {"host": "localhost", "x_forwarded_proto": "https", "origin": "https://localhost"}

    assert api.send("POST", TASKS, {"title": "x"}, "", **headers).status_code == 415


WRITES = [
    ("POST", "", {"title": "x"}),
    ("POST", "/batch", {"tasks": [{"title": "x"}]}),
    ("PUT", "/{id}", {"title": "x"}),
    ("PATCH", "/{id}/complete", {"is_completed": True}),
    ("PATCH", "", {"is_completed": True}),
]


@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP", "x-gzip", "identity, gzip", "gzip,identity", "utf-8", "zstd"])
def test_encoded_body_is_refused_with_the_coding_to_use(api, method, suffix, body, coding):
    task = api.create()

    response = api.send(method, TASKS + suffix.format(**task), body, content_encoding=coding)

    assert (response.status_code, response.json()) == (415, {"detail": "Send the body without a Content-Encoding"})
    assert response["Accept-Encoding"] == "identity"
    assert api.tasks() == [task]


@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
@pytest.mark.parametrize("coding", ["", "identity", "Identity", " , identity ,", "identity, identity"])
def test_body_without_a_coding_is_read_whatever_the_words(api, method, suffix, body, coding):
    task = api.create()

    assert api.send(method, TASKS + suffix.format(**task), body, content_encoding=coding).status_code in (200, 201)


def test_coding_of_a_body_that_is_not_there_counts_for_nothing(api):
    task = api.create()
    path = f"{TASKS}/{task['id']}"

    assert api.send("PATCH", f"{path}/complete", content_encoding="gzip").json()["is_completed"]
    assert api.send("GET", path, content_encoding="gzip").status_code == 200
    assert api.send("DELETE", path, content_encoding="gzip").status_code == 200


def test_body_over_the_limit_is_refused_unread(api):
    response = api.send("POST", TASKS, {"title": "x", "pad": "x" * 3_000_000})

    assert (response.status_code, response.json()) == (413, {"detail": "The body is larger than 131072 bytes"})
    assert api.tasks() == []


def test_body_of_the_limit_is_read(api):
    body = b'{"title":"x","pad":"%s"}' % (b"x" * (128 * 1024 - 22))

    assert len(body) == 128 * 1024
    assert api.send("POST", TASKS, body).status_code == 201
    assert api.send("POST", TASKS, body + b" ").status_code == 413


GOOD_IDS = [
    "x" * 255,
    "%F0%9D%84%9E" * 255,
    "%22%27%3B--",
    "%F0%9F%98%80",
    "a%20b",
    "%2E",
    "%25FF",
    "%C2%A0",
    "user@example.com",
]


@pytest.mark.parametrize("user_id", GOOD_IDS)
def test_user_id_of_any_text_up_to_255_code_points_is_a_user(api, user_id):
    task = api.create(user_id)

    assert api.tasks(user_id) == [task]


BAD_IDS = [("x" * 256, "string_too_long"), ("", "string_too_short")]
BAD_IDS += [
    (text, "value_error") for text in ("%00", "a%0Ab", "%1F", "%7F", "%C2%80", "a%2Fb", "%ff", "%C3%28", "%ED%A0%80")
]


@pytest.mark.parametrize(("user_id", "type"), BAD_IDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_user_id_that_is_none_is_refused(api, user_id, type, method):
    response = api.send(method, f"/api/{user_id}/tasks", {"title": "x"})

    (item,) = response.json()["detail"]
    assert (response.status_code, item["loc"], item["type"]) == (422, ["path", "user_id"], type)


@pytest.mark.parametrize("kept_in", ["RAW_URI", "REQUEST_URI"])
def test_path_is_read_as_it_was_sent_wherever_the_server_keeps_it(api, kept_in):
    response = api.generic("GET", "/api/a%2Fb/tasks", **{kept_in: "/api/a%2Fb/tasks"})

    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["path", "user_id"])


def test_path_that_the_server_keeps_nowhere_is_read_as_django_decoded_it(api):
    task = api.create("a%20b")

    assert api.get("/api/a%20b/tasks").json() == [task]


def test_raw_byte_that_is_no_utf8_is_not_the_user_of_its_escape(api):
    path = "/api/\xff/tasks"
    response = api.generic("GET", "/", PATH_INFO=path, RAW_URI=path)

    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["path", "user_id"])


def test_bytes_that_are_no_utf8_are_not_the_user_of_their_escape(api):
    api.create("%25FF")

    assert api.send("GET", "/api/%ff/tasks").status_code == 422
    assert api.send("GET", "/api/%FF/tasks").status_code == 422
