"""`If-None-Match` saves what a client has already, and `If-Match` writes only over what the client has seen."""

import re
from datetime import UTC, datetime
from itertools import product

import pytest

from tasks.models import Task
from tasks.statements import PAGE_SIZE
from tests.conftest import OWNER, STRANGER
from tests.support.queries import following, problems_of

TASKS = f"/api/{OWNER}/tasks"
NEVER = f"{TASKS}/01980000-0000-7000-8000-000000000000"
CHANGED = {"detail": "The task has changed"}
NO_TASK = {"detail": "Task not found"}
OTHER = '"2020-01-01T00:00:00Z"'
WRITES = {
    "update": ("PUT", "", {"title": "New"}),
    "update nothing": ("PUT", "", {}),
    "delete": ("DELETE", "", b""),
    "toggle": ("PATCH", "/complete", b""),
    "complete": ("PATCH", "/complete", {"is_completed": True}),
}
every_write = pytest.mark.parametrize("write", WRITES)


@pytest.fixture
def task(api):
    api.create(STRANGER)
    return api.create(title="Old", description="old")


@pytest.fixture
def path(task):
    return f"{TASKS}/{task['id']}"


@pytest.fixture
def tag(task):
    return f'"{task["updated_at"]}"'


def send(api, write, path, **headers):
    method, suffix, body = WRITES[write]
    return api.send(method, path + suffix, body, **headers)


# The tag


def test_tag_of_a_task_is_its_updated_at_in_quotes(api, path, tag):
    assert api.send("GET", path)["ETag"] == tag
    assert api.send("HEAD", path)["ETag"] == tag


def test_created_task_brings_its_tag(api):
    response = api.send("POST", TASKS, {"title": "A task"})

    assert response["ETag"] == f'"{response.json()["updated_at"]}"'


@pytest.mark.parametrize("body", [b"", {}, {"is_completed": True}])
def test_toggled_task_brings_its_tag(api, path, body):
    response = api.send("PATCH", f"{path}/complete", body)

    assert response["ETag"] == f'"{response.json()["updated_at"]}"'
    assert api.send("GET", path)["ETag"] == response["ETag"]


def test_updated_and_deleted_task_bring_none(api, path):
    updated = api.send("PUT", path, {"title": "New"})
    deleted = api.send("DELETE", path)

    assert (updated.status_code, deleted.status_code) == (200, 200)
    assert "ETag" not in updated.headers
    assert "ETag" not in deleted.headers


@pytest.mark.parametrize("microsecond", [0, 1, 100_000, 123_000, 999_999])
def test_tag_is_spelled_as_the_time_in_the_json(api, task, path, microsecond):
    moment = datetime(2026, 3, 1, 12, 30, 0, microsecond, tzinfo=UTC)
    Task.objects.for_user(OWNER).update(updated_at=moment)
    tag = f'"{api.tasks()[0]["updated_at"]}"'

    assert api.send("GET", path)["ETag"] == tag
    assert api.send("GET", path, if_none_match=tag).status_code == 304
    assert api.send("PUT", path, {}, if_match=tag).status_code == 200


# Reading


def assert_not_modified(response, expected):
    """304 without a body, with the headers of the 200 that tell a cache what it has."""
    assert (response.status_code, response.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert response.headers.get(name) == expected.headers.get(name)
    assert "Content-Type" not in response.headers
    # It would be taken for the length of the 200 (RFC 9110, 8.6).
    assert "Content-Length" not in response.headers


MATCHING = ["{tag}", "W/{tag}", "{gzip}", "{br}", "W/{gzip}", "{zstd}", "*", " {tag} "]
MATCHING += ['"a", {tag}', '"a","b" ,\tW/{tag},"c"', ', "a",, {tag},', '"a,b", {tag}', '"", {tag}']
STRONG = ["{tag}", "*", '"a", {tag}', '"a","b",\t{tag},"c"', ', "a",, {tag},', '"a,b", {tag}', '"", {tag}']
OTHERS = ['"a"', 'W/"a"', '""', '"a", "b"', OTHER, '"{bare}x"', '"W/{bare}"', '"-gzip"', '"*"', '"{bare}-"']
MALFORMED = ["", " ", ",", '"', '"""', "**", "W/", "{bare}", '"{bare}', '{bare}"', "'{bare}'", "W/{bare}", 'W"{bare}"']
MALFORMED += ["*, {tag}", "{tag}, *", "*, *", "{tag} {tag}", "{tag};{tag}", "w/{tag}", "W /{tag}"]
MALFORMED += ["{tag}x", "x{tag}", '"a", b', "\\{tag}"]


def filled(condition, tag):
    suffixes = {name: f'{tag[:-1]}-{name}"' for name in ("gzip", "br", "zstd")}
    return condition.replace("{tag}", tag).replace("{bare}", tag.strip('"')).format(**suffixes)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_task_that_the_client_has_is_not_sent_again(api, path, tag, statements, method):
    expected = api.send("GET", path)
    statements.clear()

    for condition in MATCHING:
        assert_not_modified(api.send(method, path, if_none_match=filled(condition, tag)), expected)
    assert len(statements) == len(MATCHING)


def test_task_that_the_client_has_not_is_sent(api, task, path, tag):
    for condition in OTHERS:
        response = api.send("GET", path, if_none_match=filled(condition, tag))
        assert (condition, response.status_code, response.json()) == (condition, 200, task)
        assert response["ETag"] == tag


def test_task_that_changed_is_sent(api, path, tag):
    changed = api.send("PUT", path, {"title": "New"}).json()

    assert api.send("GET", path, if_none_match=tag).json() == changed


@pytest.mark.parametrize("condition", ["*", OTHER])
def test_missing_task_is_not_found_whatever_the_client_has(api, condition):
    response = api.send("GET", NEVER, if_none_match=condition)

    assert (response.status_code, response.json()) == (404, NO_TASK)


@pytest.mark.parametrize("target", ["{path}", TASKS])
def test_malformed_condition_of_a_read_is_refused(api, path, tag, target):
    for condition in MALFORMED:
        response = api.send("GET", target.format(path=path), if_none_match=filled(condition, tag))
        assert (condition, response.status_code) == (condition, 422)
        assert problems_of(response) == [(["header", "if-none-match"], "value_error")]


def test_dates_are_ignored(api, task, path):
    past, future = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2100 00:00:00 GMT"

    response = api.send("GET", path, if_modified_since=future)
    assert (response.status_code, response.json()) == (200, task)
    assert "Last-Modified" not in response.headers
    assert api.send("PUT", path, {}, if_unmodified_since=past).status_code == 200


def test_condition_with_a_tag_counts_before_a_date(api, path, tag):
    response = api.send("GET", path, if_none_match=OTHER, if_modified_since="Fri, 31 Dec 2100 00:00:00 GMT")

    assert response.status_code == 200


# Lists


LISTS = ["", "?is_completed=false", "?q=old", "?limit=1", "?limit=1000&sort=-updated_at", "?q=nothing"]


@pytest.mark.parametrize("query", LISTS)
def test_list_that_the_client_has_is_not_sent_again(api, task, statements, query):
    api.create()
    expected = api.send("GET", TASKS + query)
    statements.clear()

    for method, condition in product(("GET", "HEAD"), MATCHING):
        its_condition = filled(condition, expected["ETag"])
        assert_not_modified(api.send(method, TASKS + query, if_none_match=its_condition), expected)
    assert len(statements) == 2 * len(MATCHING)


@pytest.mark.parametrize("query", LISTS)
def test_tag_of_a_list_is_strong_and_of_its_bytes(api, task, query):
    response = api.send("GET", TASKS + query)

    assert re.fullmatch('"[0-9a-f]{32}"', response["ETag"])
    assert api.send("GET", TASKS + query)["ETag"] == response["ETag"]
    for condition in OTHERS:
        again = api.send("GET", TASKS + query, if_none_match=filled(condition, response["ETag"]))
        assert (again.status_code, again.content, again.headers) == (200, response.content, response.headers)


@pytest.mark.parametrize("write", WRITES)
def test_list_has_another_tag_after_each_write(api, path, write):
    before = api.send("GET", TASKS)["ETag"]
    assert send(api, write, path).status_code == 200

    response = api.send("GET", TASKS, if_none_match=before)

    assert (response.status_code, response["ETag"] == before) == (200, False)


def test_list_has_another_tag_after_a_create(api, task):
    before = api.send("GET", TASKS)["ETag"]
    created = api.create()

    assert api.send("GET", TASKS, if_none_match=before).json() == [task, created]


def test_page_has_another_tag_once_another_follows_it(api, task):
    alone = api.send("GET", f"{TASKS}?limit=1")
    api.create()
    response = api.send("GET", f"{TASKS}?limit=1", if_none_match=alone["ETag"])

    assert (response.status_code, response.content) == (200, alone.content)
    assert "Link" in response.headers
    assert response["ETag"] != alone["ETag"]


def test_lists_of_two_users_have_each_their_own_tag(api, task):
    assert api.send("GET", TASKS)["ETag"] != api.send("GET", f"/api/{STRANGER}/tasks")["ETag"]


def test_second_page_is_not_sent_again(api, task):
    api.create()
    second = following(api, "limit=1")
    expected = api.send("GET", second)

    assert_not_modified(api.send("GET", second, if_none_match=expected["ETag"]), expected)


def test_list_that_is_streamed_has_no_tag_and_a_page_of_it_has_one(api):
    Task.objects.bulk_create([Task(user_id=OWNER, title="A task") for _ in range(PAGE_SIZE)])
    assert "ETag" in api.send("GET", TASKS).headers
    api.create()

    for query in ("", "?is_completed=false", "?sort=-created_at", "?sort=updated_at&q=task"):
        response = api.send("GET", TASKS + query, if_none_match=OTHER)
        assert (response.status_code, "ETag" in response.headers) == (200, False)
        assert len(b"".join(response.streaming_content)) > PAGE_SIZE
    assert "ETag" in api.send("GET", f"{TASKS}?limit=1000").headers


# Writing


@every_write
@pytest.mark.parametrize(
    "condition", ["{tag}", "*", '"a", {tag}', '"a","b",\t{tag},"c"', ', "a",, {tag},', '"a,b", {tag}']
)
def test_write_of_what_the_client_has_seen_is_done_in_one_statement(api, path, tag, statements, write, condition):
    statements.clear()

    response = send(api, write, path, if_match=filled(condition, tag))

    assert response.status_code == 200
    assert len(statements) == 1
    assert api.send("GET", path).headers.get("ETag") != tag


@every_write
def test_answer_to_a_conditional_write_is_that_of_a_plain_one(api, task, path, tag, write):
    twin = api.create(title="Old", description="old")
    plain = send(api, write, f"{TASKS}/{twin['id']}")

    response = send(api, write, path, if_match=tag)

    made = {"id", "created_at", "updated_at"}
    assert {name: value for name, value in response.json().items() if name not in made} == {
        name: value for name, value in plain.json().items() if name not in made
    }
    assert set(response.headers) == set(plain.headers)


@every_write
def test_write_over_something_else_is_refused_with_the_current_tag(api, task, path, tag, statements, write):
    for condition in ["W/{tag}", "{gzip}", "{br}", *OTHERS]:
        statements.clear()
        response = send(api, write, path, if_match=filled(condition, tag))
        assert (condition, response.status_code, response.json()) == (condition, 412, CHANGED)
        assert (response["ETag"], response["Cache-Control"]) == (tag, "private, no-cache")
        assert len(statements) <= 2
    assert api.tasks() == [task]


@every_write
@pytest.mark.parametrize(("target", "status"), [("{path}", 412), (NEVER, 404)])
def test_write_that_is_not_done_sends_two_statements(api, path, statements, write, target, status):
    statements.clear()

    assert send(api, write, target.format(path=path), if_match=OTHER).status_code == status
    assert len(statements) == 2


SPELLINGS = [("Z", "z"), ("Z", "+00:00"), ("T", "t"), ("Z", "0Z"), ("2", "\u0662"), ("Z", "Z\u00e9")]


@every_write
def test_another_spelling_of_the_same_time_is_another_tag(api, task, path, tag, write):
    for written, instead in SPELLINGS:
        other = tag.replace(written, instead).encode().decode("latin-1")
        assert (other, send(api, write, path, if_match=other).status_code) == (other, 412)
    assert api.tasks() == [task]


@every_write
def test_write_over_a_change_is_refused_with_the_tag_of_the_change(api, path, tag, write):
    changed = api.send("PATCH", f"{path}/complete")

    response = send(api, write, path, if_match=tag)

    assert (response.status_code, response.json(), response["ETag"]) == (412, CHANGED, changed["ETag"])
    assert api.tasks() == [changed.json()]


@every_write
@pytest.mark.parametrize("name", ["if-match", "if-none-match"])
def test_malformed_condition_of_a_write_is_refused(api, task, path, tag, statements, write, name):
    statements.clear()

    for condition in MALFORMED:
        response = send(api, write, path, **{name.replace("-", "_"): filled(condition, tag)})
        assert (condition, response.status_code) == (condition, 422)
        assert problems_of(response) == [(["header", name], "value_error")]
    assert statements == []
    assert api.tasks() == [task]


@every_write
def test_missing_task_is_not_found_under_any_condition(api, tag, statements, write):
    targets, names = (NEVER, f"{TASKS}/no-uuid"), ("if_match", "if_none_match")
    for target, name, condition in product(targets, names, ("*", OTHER, "{tag}")):
        statements.clear()
        response = send(api, write, target, **{name: filled(condition, tag)})
        assert (response.status_code, response.json()) == (404, NO_TASK)
        assert "ETag" not in response.headers
        assert len(statements) <= 2


@every_write
def test_if_none_match_refuses_to_write_over_what_it_names(api, task, path, tag, statements, write):
    for condition in MATCHING:
        statements.clear()
        response = send(api, write, path, if_none_match=filled(condition, tag))
        assert (condition, response.status_code, response.json()) == (condition, 412, CHANGED)
        assert response["ETag"] == tag
        assert len(statements) <= 2
    assert api.tasks() == [task]


@every_write
@pytest.mark.parametrize("condition", OTHERS)
def test_if_none_match_lets_a_write_over_anything_else_be_done(api, path, tag, statements, write, condition):
    statements.clear()

    assert send(api, write, path, if_none_match=filled(condition, tag)).status_code == 200
    assert len(statements) == 1


@every_write
def test_both_conditions_must_hold(api, task, path, tag, write):
    for if_match, if_none_match in ((tag, tag), (tag, "*"), ("*", tag), (OTHER, OTHER), ("*", "*")):
        response = send(api, write, path, if_match=if_match, if_none_match=if_none_match)
        assert (response.status_code, response.json(), response["ETag"]) == (412, CHANGED, tag)
    assert api.tasks() == [task]
    assert send(api, write, path, if_match=tag, if_none_match=OTHER).status_code == 200


def test_wrong_body_comes_before_the_missing_task_and_that_before_the_condition(api, task, path):
    wrong = [(["body", "title"], "string_too_short")]

    for target in (path, NEVER):
        response = api.send("PUT", target, {"title": ""}, if_match=OTHER)
        assert (response.status_code, problems_of(response)) == (422, wrong)
    assert api.send("PUT", NEVER, {"title": "x"}, if_match=OTHER).status_code == 404
    assert api.tasks() == [task]


def test_problems_come_in_the_order_path_header_body(api, task):
    path = f"/api/%00/tasks/{task['id']}"
    response = api.send("PUT", path, {"title": ""}, if_match="x", if_none_match="y")

    assert response.status_code == 422
    assert problems_of(response) == [
        (["path", "user_id"], "value_error"),
        (["header", "if-match"], "value_error"),
        (["header", "if-none-match"], "value_error"),
        (["body", "title"], "string_too_short"),
    ]


def test_tag_of_anothers_task_opens_nothing(api, task, tag):
    for write in WRITES:
        response = send(api, write, f"/api/{STRANGER}/tasks/{task['id']}", if_match=tag)
        assert (response.status_code, response.json()) == (404, NO_TASK)
    assert api.tasks() == [task]


@every_write
@pytest.mark.parametrize("time", ["2999-12-31T23:59:59.999999Z", "9999-12-30T23:59:59.999999Z"])
def test_second_write_over_the_same_tag_is_refused_though_the_clock_is_behind(api, path, write, time):
    Task.objects.for_user(OWNER).update(updated_at=datetime.fromisoformat(time))
    first = api.send("PUT", path, {"title": "New", "is_completed": True}, if_match=f'"{time}"').json()

    response = send(api, write, path, if_match=f'"{time}"')

    assert (response.status_code, response.json(), response["ETag"]) == (412, CHANGED, f'"{first["updated_at"]}"')
    assert api.tasks() == [first]
