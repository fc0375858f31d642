"""`PATCH …/tasks` and `DELETE …/tasks` change all tasks that the filters match, and never one more."""

from datetime import UTC, datetime
from itertools import product

import pytest

from tasks.models import Task
from tests.api.test_bad_queries import TIMES, bad_values
from tests.conftest import OWNER, STRANGER
from tests.support.queries import problems_of, url
from tests.support.reference import Tasks

TASKS = f"/api/{OWNER}/tasks"
FIXED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NO_FILTER = {"detail": [{"loc": ["query"], "type": "missing", "msg": "At least one filter is required"}]}


@pytest.fixture
def tasks(api):
    """Six tasks, and the same of a stranger."""
    for number, user in product(range(6), (OWNER, STRANGER)):
        task = api.create(user, title=f"Task {number} {'Milk' * (number % 2)}", is_completed=number % 3 == 0)
        Task.objects.for_user(user).filter(pk=task["id"]).update(updated_at=FIXED.replace(minute=number))
    expected = Tasks()
    expected.keep(*api.tasks())
    return expected


@pytest.fixture
def foreign(api, tasks):
    """The stranger's tasks, which stay as they are."""
    before = api.tasks(STRANGER)
    yield before
    assert api.tasks(STRANGER) == before


QUERIES = [
    {"is_completed": "true"},
    {"is_completed": "false"},
    {"q": "milk"},
    {"q": "MILK task 3"},
    {"q": "nothing like it"},
    {"q": "%"},
    {"updated_after": "2026-03-01T12:02:00Z"},
    {"updated_before": "2026-03-01T12:02:00.000000001Z"},
    {"created_after": "2026-03-01T00:00:00Z", "created_before": "9999-12-31T00:00:00Z"},
    {"created_before": "2026-03-01T00:00:00Z"},
    {"is_completed": "false", "q": "milk", "updated_after": "2026-03-01T12:02:00+00:00"},
]
every_query = pytest.mark.parametrize("query", QUERIES)


@every_query
def test_delete_takes_what_the_list_shows_under_the_same_filters(api, tasks, foreign, statements, query):
    listed = api.send("GET", url(query, TASKS)).json()
    everything = api.tasks()
    statements.clear()

    response = api.send("DELETE", url(query, TASKS))

    assert (response.status_code, response.json()) == (200, {"deleted": tasks.delete(query)})
    assert len(statements) == (1 if listed else 2)
    assert response.json() == {"deleted": len(listed)}
    assert api.tasks() == [task for task in everything if task not in listed] == tasks.listed({})


@pytest.mark.parametrize("state", [True, False])
@pytest.mark.parametrize("query", [*QUERIES, {}])
def test_complete_changes_those_in_the_other_state_alone(api, tasks, foreign, statements, query, state):
    before, changing = tasks.listed({}), tasks.in_the_other_state(query, state)
    statements.clear()

    response = api.send("PATCH", url(query, TASKS), {"is_completed": state})

    assert (response.status_code, response.json()) == (200, {"updated": len(changing)})
    assert len(statements) == (1 if changing else 2)
    for task, now in zip(before, api.tasks(), strict=True):
        if task in changing:
            assert now == task | {"is_completed": state, "updated_at": now["updated_at"]}
            assert now["updated_at"] > task["updated_at"]
        else:
            assert now == task


def test_retry_of_a_bulk_write_changes_nothing_more(api, tasks, foreign):
    path = url({"q": "milk"}, TASKS)
    assert api.send("PATCH", path, {"is_completed": True}).json() == {"updated": 2}
    after = api.tasks()
    assert api.send("PATCH", path, {"is_completed": True}).json() == {"updated": 0}
    assert api.tasks() == after
    assert [api.send("DELETE", path).json()["deleted"] for _ in range(2)] == [3, 0]


def test_answers_have_the_headers_of_every_answer(api, tasks):
    deleted = api.send("DELETE", f"{TASKS}?q=1")
    completed = api.send("PATCH", TASKS, {"is_completed": True})
    one = api.send("DELETE", f"{TASKS}/{api.tasks()[0]['id']}")

    assert set(deleted.headers) == set(completed.headers) == set(one.headers)
    assert (deleted["Cache-Control"], completed["Cache-Control"]) == ("private, no-cache", "private, no-cache")


@pytest.mark.parametrize("time", ["2999-12-31T23:59:59.999999Z", "9999-12-30T23:59:59.999999Z"])
def test_updated_at_moves_on_where_the_clock_is_behind_it(api, tasks, time):
    Task.objects.for_user(OWNER).update(updated_at=datetime.fromisoformat(time), is_completed=False)

    assert api.send("PATCH", TASKS, {"is_completed": True}).json() == {"updated": 6}
    assert all(task["updated_at"] > time for task in api.tasks())


def test_tags_of_before_are_stale_after_a_bulk_write(api, tasks):
    [task, *_] = tasks.in_the_other_state({}, True)
    api.send("PATCH", TASKS, {"is_completed": True})

    response = api.send("PUT", f"{TASKS}/{task['id']}", {"title": "x"}, if_match=f'"{task["updated_at"]}"')

    assert response.status_code == 412


@pytest.mark.parametrize("query", [{"is_completed": "true"}, {"q": "milk", "updated_after": "2026-03-01T00:00:00Z"}])
def test_bulk_write_of_nobodys_tasks_changes_nothing(api, query):
    assert api.send("DELETE", url(query, TASKS)).json() == {"deleted": 0}
    assert api.send("PATCH", url(query, TASKS), {"is_completed": True}).json() == {"updated": 0}


# Refusals. Each leaves all tasks as they are.


@pytest.fixture
def untouched(api, tasks, statements):
    before = [api.tasks(user) for user in (OWNER, STRANGER)]
    statements.clear()
    yield
    assert statements == []
    assert [api.tasks(user) for user in (OWNER, STRANGER)] == before


@pytest.mark.parametrize("query", ["", "?", "?&", "?&&&"])
def test_delete_without_a_filter_is_refused(api, untouched, query):
    response = api.send("DELETE", TASKS + query)

    assert (response.status_code, response.json()) == (422, NO_FILTER)


@pytest.mark.parametrize("body", [{"is_completed": True}, {"q": "milk"}, b"{", b""])
def test_filter_in_the_body_is_no_filter(api, untouched, body):
    response = api.send("DELETE", TASKS, body)

    assert (response.status_code, response.json()) == (422, NO_FILTER)


UNKNOWN = [
    ("is_completed[]=true", "is_completed[]"),
    ("is_completed%5B%5D=true", "is_completed[]"),
    ("is_completed[0]=true", "is_completed[0]"),
    ("is_completed[eq]=true", "is_completed[eq]"),
    ("filter[is_completed]=true", "filter[is_completed]"),
    ("is_completed__exact=true", "is_completed__exact"),
    ("is_completed%00=true", "is_completed\0"),
    ("Is_Completed=true", "Is_Completed"),
    ("is-completed=true", "is-completed"),
    ("%20is_completed=true", " is_completed"),
    ("is_completed%20=true", "is_completed "),
    ("is%255Fcompleted=true", "is%5Fcompleted"),
    ("completed=true", "completed"),
    ("iscompleted=true", "iscompleted"),
    ("Q=milk", "Q"),
    ("q[]=milk", "q[]"),
    ("title=milk", "title"),
    ("id=x", "id"),
    ("user_id=stranger", "user_id"),
    ("created_after%00=2026-03-01T00:00:00Z", "created_after\0"),
    ("updated_since=2026-03-01T00:00:00Z", "updated_since"),
    ("sort=created_at", "sort"),
    ("sort=x", "sort"),
    ("limit=1", "limit"),
    ("limit=x", "limit"),
    ("cursor=x", "cursor"),
    ("offset=1", "offset"),
    ("=true", ""),
    ("=", ""),
    ("%F0%9F%98%80=1", "😀"),
    ("?is_completed=true", "?is_completed"),
]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_unknown_name_is_refused(api, untouched, method):
    for query, name in UNKNOWN:
        alone = api.send(method, f"{TASKS}?{query}", {"is_completed": True})
        beside = api.send(method, f"{TASKS}?{query}&is_completed=true", {"is_completed": True})
        assert (name, alone.status_code, beside.status_code) == (name, 422, 422)
        assert problems_of(alone)[0] == (["query", name], "extra_forbidden")
        assert problems_of(beside) == [(["query", name], "extra_forbidden")]


def test_every_unknown_name_is_told(api, untouched):
    response = api.send("PATCH", f"{TASKS}?limit=1&x=1&is_completed=true&sort=id", {"is_completed": True})

    assert response.status_code == 422
    assert sorted(problems_of(response)) == [(["query", name], "extra_forbidden") for name in ("limit", "sort", "x")]


@pytest.mark.parametrize("name", ["is_completed", "q", *TIMES])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_filter_with_a_bad_value_is_refused(api, untouched, method, name):
    for value, kind in bad_values(name):
        response = api.send(method, f"{TASKS}?{name}={value}", {"is_completed": True})
        assert (value, response.status_code, problems_of(response)) == (value, 422, [(["query", name], kind)])


@pytest.mark.parametrize("query", ["is_completed", "is_completed&q=milk", "q=milk&is_completed="])
def test_filter_without_a_value_is_refused_and_not_left_out(api, untouched, query):
    for method in ("DELETE", "PATCH"):
        response = api.send(method, f"{TASKS}?{query}", {"is_completed": True})
        assert (response.status_code, problems_of(response)) == (422, [(["query", "is_completed"], "bool_parsing")])


@pytest.mark.parametrize("name", ["%ff", "is_completed%ff", "%c3%28"])
def test_name_that_is_no_utf8_is_refused(api, untouched, name):
    for method in ("DELETE", "PATCH"):
        response = api.send(method, f"{TASKS}?{name}=true&is_completed=true", {"is_completed": True})
        assert response.status_code == 422
        assert [loc[0] for loc, _ in problems_of(response)] == ["query"]


BODIES = [
    (b"", (["body"], "missing")),
    (b"null", (["body"], "model_type")),
    (b"true", (["body"], "model_type")),
    (b"[]", (["body"], "model_type")),
    (b"{}", (["body", "is_completed"], "missing")),
    (b'{"completed":true}', (["body", "is_completed"], "missing")),
    *[
        (b'{"is_completed":%s}' % value, (["body", "is_completed"], "bool_type"))
        for value in (b"null", b"1", b"0", b'"true"', b"[]", b"{}", b"[true]")
    ],
]


@pytest.mark.parametrize("query", ["", "?q=milk"])
def test_complete_needs_the_state(api, untouched, query):
    for body, problem in BODIES:
        response = api.send("PATCH", TASKS + query, body)
        assert (body, response.status_code, problems_of(response)) == (body, 422, [problem])


@pytest.mark.parametrize("name", ["if-match", "if-none-match"])
def test_condition_of_a_bulk_write_is_refused(api, untouched, name):
    for method, value in product(("DELETE", "PATCH"), ("*", '"x"', "x", "", 'W/"x"')):
        headers = {name.replace("-", "_"): value}
        response = api.send(method, f"{TASKS}?is_completed=true", {"is_completed": True}, **headers)
        assert (response.status_code, problems_of(response)) == (422, [(["header", name], "value_error")])


def test_problems_come_in_the_order_path_query_header_body(api):
    response = api.send("PATCH", "/api/%00/tasks?is_completed=1&x=1", {"is_completed": 1}, if_match="*")

    assert response.status_code == 422
    assert [loc[0] for loc, _ in problems_of(response)] == ["path", "query", "query", "header", "body"]


def test_delete_without_a_filter_tells_the_problems_of_the_path_too(api):
    response = api.send("DELETE", "/api/%00/tasks")

    assert problems_of(response) == [(["path", "user_id"], "value_error"), (["query"], "missing")]


def test_complete_wants_json(api, untouched):
    response = api.send("PATCH", TASKS, {"is_completed": True}, "text/plain")

    assert (response.status_code, response.json()) == (415, {"detail": "Send the body as application/json"})


@pytest.mark.parametrize(("method", "body"), [("DELETE", b""), ("PATCH", {"is_completed": True})])
@pytest.mark.parametrize("target", ["?q=C#zzz", "?is_completed=false#&q=zzz", "#?q=milk"])
def test_filter_is_not_cut_at_a_number_sign(api, method, body, target):
    """A server drops the fragment of a target. What is left of the query would match more tasks."""
    task = api.create(title="C")

    response = api.send(method, TASKS + target, body)

    assert (response.status_code, problems_of(response)) == (422, [(["query"], "value_error")])
    assert api.tasks() == [task]
