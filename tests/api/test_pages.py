"""Pages of a list: `limit` asks for one, and its `Link` leads to the next."""

import re
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from tasks.cursors import encode_cursor
from tasks.filters import Position
from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.queries import following, next_of, pages_of, problems_of, url
from tests.support.reference import Tasks
from tests.support.tokens import TokenClient, ask_for_tokens

TASKS = f"/api/{OWNER}/tasks"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SORTS = ["created_at", "-created_at", "updated_at", "-updated_at"]
FILTERS = [
    {},
    {"is_completed": "true"},
    {"q": "Å %2F&="},
    {"updated_after": "2026-03-01T00:00:01.5+00:00", "is_completed": "false"},
    {"q": "nothing like it"},
]


@pytest.fixture
def tasks(db):
    """Eleven tasks, some of which share their times, between those of a stranger."""
    for number in range(11):
        for user in (OWNER, STRANGER):
            title = f"{number} å %2f&=" if number % 2 else f"{number}"
            task = Task.objects.create(user_id=user, title=title, is_completed=number % 3 == 0)
            moment = NOW + timedelta(seconds=number % 4)
            Task.objects.for_user(user).filter(pk=task.pk).update(updated_at=moment)


@pytest.fixture
def expected(api, tasks):
    everything = Tasks()
    everything.keep(*api.tasks())
    return everything


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("filters", FILTERS)
def test_pages_in_a_row_are_the_whole_list(api, expected, sort, filters):
    for limit in (1, 3, 10, 11, 12, 1000):
        query = filters | {"sort": sort, "limit": str(limit)}
        assert [response.json() for response in pages_of(api, url(query, TASKS))] == expected.pages(query)


def test_each_page_sends_one_statement(api, tasks, statements):
    path = url({"limit": 4, "q": "å"}, TASKS)
    while path:
        statements.clear()
        path = next_of(api.send("GET", path))
        assert len(statements) == 1


def test_page_has_the_headers_of_a_list_and_the_link(api, tasks):
    plain, page = api.send("GET", TASKS), api.send("GET", f"{TASKS}?limit=3")

    assert (page.status_code, page.json()) == (200, plain.json()[:3])
    assert set(page.headers) == {*plain.headers, "Link"}
    names = set(plain.headers) - {"ETag", "Content-Length"}
    assert {name: page[name] for name in names} == {name: plain[name] for name in names}
    assert page["Content-Length"] == str(len(page.content))


@pytest.mark.parametrize("query", ["limit=3", "is_completed=false&limit=2&sort=-created_at", "q=%C3%A5+%252f&limit=1"])
def test_link_carries_the_same_query_and_a_cursor(api, tasks, query):
    link = api.send("GET", f"{TASKS}?{query}")["Link"]

    assert re.fullmatch(rf'<{TASKS}\?{re.escape(query)}&cursor=[\w-]{{44}}>; rel="next"', link, re.ASCII)


def test_second_link_has_one_cursor(api, tasks):
    second = api.send("GET", following(api, "limit=3"))

    assert re.fullmatch(rf'<{TASKS}\?limit=3&cursor=[\w-]{{44}}>; rel="next"', second["Link"], re.ASCII)


@pytest.mark.parametrize(
    "name", ["%0d%0aX-Injected:1", "%3E%3B%20rel%3D%22prev%22", "<>", '"', "%00", "%ff", "%F0%9F%98%80"]
)
def test_unknown_name_does_no_harm_to_the_link(api, expected, name):
    responses = pages_of(api, f"{TASKS}?{name}=1&limit=5")

    assert [response.json() for response in responses] == expected.pages({"limit": "5"})
    for response in responses[:-1]:
        assert re.fullmatch(r'<[!-;=?-~]+>; rel="next"', response["Link"])
        assert "X-Injected" not in response.headers


def test_link_names_the_user_as_the_location_does(api):
    created = [api.send("POST", "/api/a%20b%C3%A9%22@x/tasks", {"title": "A task"}) for _ in range(2)]

    first, second = pages_of(api, "/api/%61%20b%C3%A9%22@x/tasks?limit=1")

    assert first["Link"].startswith("</api/a%20b%C3%A9%22@x/tasks?limit=1&cursor=")
    assert first.json() + second.json() == [response.json() for response in created]


def test_link_of_me_names_the_real_user(api, settings, monkeypatch):
    ask_for_tokens(settings, monkeypatch)
    client = TokenClient(raise_request_exception=False)
    created = [client.create("ü|1") for _ in range(2)]

    response = client.send("GET", "/api/me/tasks?limit=1", of="ü|1")

    assert next_of(response).startswith("/api/%C3%BC%7C1/tasks?limit=1&cursor=")
    assert client.send("GET", next_of(response)).json() == created[1:]
    assert client.send("GET", next_of(response).replace("%C3%BC%7C1", "me"), of="ü|1").json() == created[1:]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_there_is_a_link_only_where_there_is_more(api, count):
    for _ in range(count):
        api.create()

    response = api.send("GET", f"{TASKS}?limit=2")

    assert (len(response.json()), "Link" in response.headers) == (min(count, 2), count > 2)


def test_list_without_a_limit_has_no_link(api, tasks):
    assert "Link" not in api.send("GET", TASKS).headers
    assert "Link" not in api.send("GET", f"{TASKS}?is_completed=true").headers


def test_limit_may_be_up_to_1000_and_is_never_clamped(api):
    Task.objects.bulk_create([Task(user_id=OWNER, title="A task") for _ in range(1_001)])
    everything = api.tasks()

    first, second = pages_of(api, f"{TASKS}?limit=1000")

    assert (first.json(), second.json()) == (everything[:1000], everything[1000:])


def test_cursor_without_a_limit_leads_to_all_that_follow(api, expected):
    cursor = following(api, "limit=3").partition("cursor=")[2]

    response = api.send("GET", f"{TASKS}?cursor={cursor}")

    assert (response.json(), "Link" in response.headers) == (api.tasks()[3:], False)


def test_cursor_takes_another_filter_and_another_limit(api, expected):
    cursor = following(api, "limit=3").partition("cursor=")[2]

    response = api.send("GET", f"{TASKS}?cursor={cursor}&limit=2&is_completed=false")

    assert response.json() == [task for task in api.tasks()[3:] if not task["is_completed"]][:2]


def test_sort_by_default_is_the_same_as_created_at(api, expected):
    cursor = following(api, "limit=3").partition("cursor=")[2]

    assert api.send("GET", f"{TASKS}?sort=created_at&cursor={cursor}").json() == api.tasks()[3:]


def test_head_of_a_page_answers_as_get_without_the_body(api, tasks):
    expected = api.send("GET", f"{TASKS}?limit=3")

    response = api.send("HEAD", f"{TASKS}?limit=3")

    assert (response.status_code, response.content, response.headers) == (200, b"", expected.headers)


# A cursor keeps its place


@pytest.mark.parametrize("sort", SORTS)
def test_page_goes_on_where_the_last_one_ended_though_that_task_is_gone(api, expected, sort):
    everything = expected.listed({"sort": sort})
    path = following(api, f"limit=4&sort={sort}")
    api.send("DELETE", f"{TASKS}/{everything[3]['id']}")

    assert api.send("GET", path).json() == everything[4:8]


@pytest.mark.parametrize("sort", SORTS)
def test_cursor_of_the_last_task_leads_to_an_empty_page_once_the_rest_is_gone(api, expected, sort):
    path = following(api, f"limit=4&sort={sort}")
    for task in expected.listed({"sort": sort})[4:]:
        api.send("DELETE", f"{TASKS}/{task['id']}")

    response = api.send("GET", path)

    assert (response.status_code, response.content, "Link" in response.headers) == (200, b"[]", False)


SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sort", SORTS)
def test_each_task_that_was_there_all_along_comes_exactly_once(api, sort, seed):
    """Another client creates, completes and deletes between the pages. Changes would move a task in updated_at."""
    random, constant = Random(seed), {api.create()["id"] for _ in range(20)}
    removable = [api.create()["id"] for _ in range(10)]
    seen, path = [], f"{TASKS}?limit={random.randint(1, 6)}&sort={sort}"
    while path:
        assert len(seen) < 200
        response = api.send("GET", path)
        seen += [task["id"] for task in response.json()]
        path = next_of(response)
        for _ in range(random.randint(0, 4)):
            change(api, random, removable, sorted(constant), may_complete="created" in sort)
    assert sorted(task_id for task_id in seen if task_id in constant) == sorted(constant)
    assert len(seen) == len(set(seen))


def change(api, random, removable, constant, may_complete):
    kind = random.choice(["create", "delete", "complete" if may_complete else "delete"])
    if kind == "complete":
        task_id = random.choice(constant + removable)
        assert api.send("PATCH", f"{TASKS}/{task_id}/complete").status_code == 200
    elif kind == "delete" and removable:
        task_id = removable.pop(random.randrange(len(removable)))
        assert api.send("DELETE", f"{TASKS}/{task_id}").status_code == 200
    elif random.random() < 0.5:
        # A walk that ends must not chase tasks that are created faster than it reads.
        removable.append(api.create()["id"])


# Cursors that are none


def refused(api, path):
    response = api.send("GET", path)
    return response.status_code == 422 and problems_of(response) == [(["query", "cursor"], "value_error")]


@pytest.mark.parametrize("sort", SORTS)
def test_cursor_with_a_flipped_bit_is_refused(api, tasks, statements, sort):
    path, _, cursor = following(api, f"limit=3&sort={sort}").partition("cursor=")
    statements.clear()

    for place in range(len(cursor)):
        for bit in (1, 4, 32):
            flipped = f"%{ord(cursor[place]) ^ bit:02X}"
            assert refused(api, f"{path}cursor={cursor[:place]}{flipped}{cursor[place + 1 :]}"), (place, bit)
    assert statements == []


def test_cursor_that_is_cut_or_longer_is_refused(api, tasks):
    path, _, cursor = following(api, "limit=3").partition("cursor=")

    for size in range(len(cursor)):
        assert refused(api, f"{path}cursor={cursor[:size]}")
        assert refused(api, f"{path}cursor={cursor[size + 1 :]}")
    for more in ("A", "=", "==", "%00", "%20", "+", "%0A", "A" * 100_000, cursor):
        assert refused(api, f"{path}cursor={cursor}{more}")
        assert refused(api, f"{path}cursor={more}{cursor}")


CURSORS = [
    "",
    "x",
    "A" * 44,
    "_" * 44,
    "A" * 100_000,
    "%00",
    "%F0%9F%98%80" * 44,
    "%EF%BC%A1" * 44,
    "null",
    "1",
    "=" * 44,
]


@pytest.mark.parametrize("sort", SORTS)
def test_cursor_that_never_was_is_refused(api, sort):
    for cursor in CURSORS:
        assert refused(api, f"{TASKS}?sort={sort}&cursor={cursor}"), cursor[:100]


@pytest.mark.parametrize("sort", SORTS)
def test_cursor_of_another_sort_is_refused(api, tasks, sort):
    cursor = following(api, f"limit=3&sort={sort}").partition("cursor=")[2]

    for other in SORTS:
        is_refused = refused(api, f"{TASKS}?limit=3&sort={other}&cursor={cursor}")
        assert is_refused == (other != sort)
    assert refused(api, f"{TASKS}?cursor={cursor}") == (sort != "created_at")


@pytest.mark.parametrize("sort", SORTS)
def test_cursor_of_another_user_is_refused(api, tasks, sort):
    path = following(api, f"limit=3&sort={sort}").replace(OWNER, STRANGER)

    assert refused(api, path)


def test_cursor_of_standard_base64_is_refused(api, tasks):
    """One cursor has one spelling."""
    path, _, cursor = following(api, "limit=3").partition("cursor=")
    while not {"-", "_"} & set(cursor):
        api.create()
        path, _, cursor = next_of(api.send("GET", f"{TASKS}?limit={len(api.tasks()) - 1}")).partition("cursor=")

    assert refused(api, path + "cursor=" + cursor.replace("-", "%2B").replace("_", "%2F"))


@pytest.mark.parametrize(("sort", "last"), [("created_at", UUID(int=(1 << 128) - 1)), ("-created_at", UUID(int=0))])
def test_nothing_is_behind_the_last_id_that_there_can_be(api, sort, last):
    Task.objects.create(user_id=OWNER, title="A task", id=last)
    cursor = encode_cursor(Position(NOW, last), sort, OWNER)

    assert api.send("GET", f"{TASKS}?sort={sort}&cursor={cursor}").json() == []
