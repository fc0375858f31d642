"""`listTasks` with filters and an order. The expected lists are those of tests/support/reference.py."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.queries import url
from tests.support.reference import Tasks

TASKS = f"/api/{OWNER}/tasks"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
TITLES = ["Buy milk", "buy BREAD and Milk", "Σίσυφος", "Straße", "100%_\\ done"]


@pytest.fixture
def tasks(api):
    """Five tasks whose times of change run against their times of creation, and two that share one."""
    for number, title in enumerate(TITLES):
        task = api.create(title=title, description=["Oats", None, "", "MILK-white", "naïve İstanbul"][number])
        moments = {
            "created_at": NOW + timedelta(hours=number),
            "updated_at": NOW + timedelta(days=1, microseconds=500_000 * (number < 2) - number // 2),
        }
        Task.objects.for_user(OWNER).filter(pk=task["id"]).update(is_completed=number % 2 == 1, **moments)
    api.create(STRANGER, title="Buy milk", is_completed=True)
    expected = Tasks()
    expected.keep(*api.tasks())
    return expected


VALUES = {
    "is_completed": ["true", "false"],
    "q": ["milk", "MILK buy", "oats  buy", "σίσυφοσ", "nothing"],
    "created_after": ["2026-03-01T13:30:00Z", "1970-01-01T00:00:00Z"],
    "created_before": ["2026-03-01T15:30:00+01:00", "0001-01-01T00:00:00Z"],
    "updated_after": ["2026-03-02T12:30:00Z"],
    "updated_before": ["2026-03-02T12:30:00.5Z"],
    "sort": ["created_at", "-created_at", "updated_at", "-updated_at"],
}
PAIRS = [
    {one: value, other: another}
    for one, other in product(VALUES, VALUES)
    if one < other
    for value, another in product(VALUES[one], VALUES[other])
]
QUERIES = [{name: value} for name, values in VALUES.items() for value in values]
QUERIES += [*PAIRS, {name: values[0] for name, values in VALUES.items()}]


def test_every_filter_and_every_two_of_them_answer_as_the_reference_does(api, tasks):
    for query in QUERIES:
        response = api.send("GET", url(query, TASKS))
        assert (query, response.status_code, response.json()) == (query, 200, tasks.listed(query))
    assert len({str(tasks.listed(query)) for query in QUERIES}) > 20


@pytest.mark.parametrize("query", [{"is_completed": "true"}, {"q": "milk", "sort": "-updated_at"}, QUERIES[-1]])
def test_filtered_list_sends_one_statement_for_one_task_and_for_three(api, statements, query):
    for count in (1, 3):
        while len(api.tasks()) < count:
            api.create(title="Buy milk", is_completed=True)
        statements.clear()
        api.send("GET", url(query, TASKS))
        assert len(statements) == 1


def test_filtered_list_has_the_headers_of_a_list(api, tasks):
    plain, filtered = api.send("GET", TASKS), api.send("GET", url({"sort": "created_at"}, TASKS))

    assert filtered.content == plain.content
    assert filtered.headers == plain.headers


def test_filter_that_nothing_matches_gives_an_empty_list(api, tasks):
    response = api.send("GET", url({"q": "nothing like it"}, TASKS))

    assert (response.status_code, response.content) == (200, b"[]")


def test_head_of_a_filtered_list_answers_as_get_without_the_body(api, tasks):
    expected = api.send("GET", url({"q": "milk"}, TASKS))

    response = api.send("HEAD", url({"q": "milk"}, TASKS))

    assert (response.status_code, response.content, response.headers) == (200, b"", expected.headers)


@pytest.mark.parametrize(
    "query", ["is%5Fcompleted=true", "&&is_completed=true&", "is_completed=tr%75e", "x=1&is_completed=true"]
)
def test_query_is_decoded_before_its_names_are_read(api, tasks, query):
    assert api.send("GET", f"{TASKS}?{query}").json() == tasks.listed({"is_completed": "true"})


IGNORED = [
    "&",
    "=",
    "=true",
    "?",
    "is_completed[]=true",
    "is_completed%5B%5D=true",
    "is_completed[0]=true",
    "is_completed%00=true",
    "IS_COMPLETED=true",
    "is%255Fcompleted=true",
    "%20is_completed=true",
    "completed=true",
    "Q=milk",
    "q%20=milk",
    "%ff=x",
    "offset=1",
    "page=1",
    "Limit=1",
    "_=1",
    "filter[is_completed]=true",
    "title=x&title=y",
    "%F0%9F%98%80=1",
    "id=x",
    "user_id=stranger",
]


def test_unknown_name_is_ignored(api, tasks):
    for query in IGNORED:
        response = api.send("GET", f"{TASKS}?{query}")
        assert (query, response.status_code, response.json()) == (query, 200, tasks.listed({}))
