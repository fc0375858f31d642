"""Odd conditions and keys, over real sockets: none writes over what it does not name, or makes a task twice."""

import json
import time

import pytest

from tests.support.client import connect
from tests.support.wire import exchange, request, with_body

TASKS = "/api/odd/tasks"
CHANGE = b'{"title": "changed"}'
OTHER = '"2026-01-01T00:00:00Z"'


def one(service, sent):
    """The one answer, which must come soon: a header is read once, from left to right."""
    begin = time.monotonic()
    [answer] = exchange(service.port, sent)
    assert time.monotonic() - begin < 5
    return answer


@pytest.fixture
def task(service):
    return json.loads(one(service, with_body("POST", TASKS, b'{"title": "as it was"}')).body)


@pytest.fixture
def put(service, task):
    return lambda *headers: one(service, with_body("PUT", f"{TASKS}/{task['id']}", CHANGE, *headers))


def now(service, task):
    return json.loads(one(service, request("GET", f"{TASKS}/{task['id']}")).body)


def odd_conditions(tag):
    """If-Match headers that do not name the task as it is, or do not say so properly."""
    bare = tag.strip('"')
    lines = {
        "8 kB of other tags": [f"If-Match: {', '.join([OTHER] * 300)}"],
        "8 kB of tags like it": [f"If-Match: {', '.join(tag[:-2] + letter + chr(34) for letter in 'abcdefg' * 30)}"],
        "95 lines of other tags": [f"If-Match: {OTHER}"] * 95,
        "a weak one in one of many lines": [*[f"If-Match: {OTHER}"] * 50, f"If-Match: W/{tag}"],
        "no quotes": [f"If-Match: {bare}"],
        "single quotes": [f"If-Match: '{bare}'"],
        "typographic quotes": [f"If-Match: “{bare}”"],
        "two halves in two lines": [f"If-Match: {tag[:12]}", f"If-Match: {tag[12:]}"],
        "an asterisk beside it": ["If-Match: *", f"If-Match: {tag}"],
        "an asterisk in quotes": ['If-Match: "*"'],
        "an asterisk twice": ["If-Match: *, *"],
        "nothing": ["If-Match:"],
        "a blank": ["If-Match:   "],
        "a comma": ["If-Match: ,"],
        "a blank inside": [f'If-Match: "{bare} "'],
        "a tab inside": [f'If-Match: "\t{bare}"'],
        "bytes behind": [f'If-Match: "{bare}'.encode() + b'\xff"'],
        "bytes alone": [b"If-Match: \xff\xfe"],
        "an escape": [f'If-Match: "%22{bare}%22"'],
        "a backslash": [f'If-Match: \\"{bare}\\"'],
        "a comment": [f"If-Match: {OTHER} ({tag})"],
        "a parameter": [f"If-Match: {OTHER};q={tag}"],
        "lower case": [f"If-Match: {tag.lower()}"],
        "another zone": [f"If-Match: {tag.replace('Z', '+00:00')}"],
        "a proxy's suffix": [f'If-Match: "{bare}-gzip"'],
    }
    return lines | {"a tag of nearly 8 kB": [f'If-Match: "{bare}{"0" * 8_000}"']}


NAMES = [*odd_conditions('"x"')]


@pytest.mark.parametrize("name", NAMES)
def test_condition_that_does_not_name_the_task_writes_nothing(service, task, put, name):
    answer = put(*odd_conditions(f'"{task["updated_at"]}"')[name])

    assert answer.status in (412, 422)
    assert now(service, task) == task


@pytest.mark.parametrize("count", [1, 50, 95])
def test_tag_may_stand_in_any_of_many_lines(service, put, task, count):
    answer = put(*[f"If-Match: {OTHER}"] * (count - 1), f'If-Match: "{task["updated_at"]}"')

    assert (answer.status, now(service, task)["title"]) == (200, "changed")


def test_tag_may_stand_at_the_end_of_8_kilobytes(service, put, task):
    answer = put(f'If-Match: {", ".join([OTHER] * 300)}, "{task["updated_at"]}"')

    assert (answer.status, now(service, task)["title"]) == (200, "changed")


def test_header_beyond_the_limit_is_refused_and_not_cut(service, put, task):
    answer = put(f'If-Match: "{task["updated_at"]}", {", ".join([OTHER] * 400)}')

    assert (answer.status, now(service, task)) == (431, task)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_connection_goes_on_behind_an_answer_without_a_body(service, task, method):
    headers = {"If-None-Match": f'"{task["updated_at"]}"'}
    with connect(service) as client:
        for path in (f"{TASKS}/{task['id']}", TASKS):
            tag = client.send("GET", path).headers["ETag"]
            answer = client.send(method, path, headers=headers | {"If-None-Match": tag})
            assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
            assert answer.headers["Content-Type"] is None
            assert answer.headers["Content-Length"] in (None, "0")
            assert answer.headers["Transfer-Encoding"] is None
        assert json.loads(client.send("GET", f"{TASKS}/{task['id']}").body) == task


def test_pipelined_answers_of_304_are_told_apart(service, task):
    asked = request("GET", f"{TASKS}/{task['id']}", f'If-None-Match: "{task["updated_at"]}"')
    plain = request("GET", f"{TASKS}/{task['id']}")

    answers = exchange(service.port, asked + plain + asked + plain)

    assert [answer.status for answer in answers] == [304, 200, 304, 200]
    assert [json.loads(answer.body) for answer in answers[1::2]] == [task, task]


# Keys


def created(service, user, *headers):
    return one(service, with_body("POST", f"/api/{user}/tasks", b'{"title": "once"}', *headers))


def count(service, user):
    return len(json.loads(one(service, request("GET", f"/api/{user}/tasks")).body))


ODD_KEYS = {
    "UTF-8": "Idempotency-Key: ключ".encode(),
    "Latin-1": b"Idempotency-Key: cl\xe9",
    "UTF-16": b"Idempotency-Key: \xff\xfek",
    "an overlong letter": b"Idempotency-Key: \xc1\xa1",
    "a DEL": b"Idempotency-Key: a\x7f",
    "a tab": b"Idempotency-Key: a\tb",
    "a blank": b"Idempotency-Key: a b",
    "nothing": b"Idempotency-Key:",
    "blanks": b"Idempotency-Key:   \t",
    "empty quotes": b'Idempotency-Key: ""',
    "256 characters": b"Idempotency-Key: " + b"a" * 256,
    "8,000 characters": b"Idempotency-Key: " + b"a" * 8_000,
    "a NUL": b"Idempotency-Key: a\x00",
    "an escape of the terminal": b"Idempotency-Key: \x1b[2J",
}


@pytest.mark.parametrize("name", ODD_KEYS)
def test_odd_key_creates_nothing(service, name):
    user = f"odd-{name.replace(' ', '-')}"
    answer = created(service, user, ODD_KEYS[name])

    assert answer.status in (400, 422)
    assert count(service, user) == 0


TWICE = {
    "the same key twice": ["Idempotency-Key: a", "Idempotency-Key: a"],
    "two keys": ["Idempotency-Key: a", "Idempotency-Key: b"],
    "two quoted keys": ['Idempotency-Key: "a"', 'Idempotency-Key: "b"'],
    "a key and an empty one": ["Idempotency-Key: a", "Idempotency-Key:"],
    "ninety keys": [f"Idempotency-Key: {number}" for number in range(90)],
}


@pytest.mark.parametrize("name", TWICE)
def test_two_keys_are_refused(service, name):
    user = f"twice-{name.replace(' ', '-')}"
    statuses = {created(service, user, *TWICE[name]).status for _ in range(3)}

    # gunicorn's own worker joins them, with a comma.
    assert (statuses, count(service, user)) == ({400}, 0)


def test_key_in_a_header_of_another_name_is_none(service):
    for header in ("Idempotency_Key: a", "Idempotency-Key*: a", "X-Idempotency-Key: a", "Idempotency-Keys: a"):
        answer = created(service, "other-names", header)
        assert (header, answer.status, "idempotency-replayed" in answer.headers) == (header, 201, False)
    assert count(service, "other-names") == 4


def test_name_of_the_header_is_the_same_in_any_case(service):
    names = ("Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY")
    answers = [created(service, "case", f"{name}: a") for name in names]

    assert [answer.status for answer in answers] == [201] * 3
    assert len({answer.body for answer in answers}) == 1
    assert count(service, "case") == 1
