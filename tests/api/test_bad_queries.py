"""Every bad value in a query is answered with 422 and the name, before any statement."""

from urllib.parse import quote

import pytest

from tests.conftest import OWNER
from tests.support.queries import problems_of

TASKS = f"/api/{OWNER}/tasks"
NO_TIMES = [
    "x",
    "now",
    "0",
    "1772368200",
    "2026-03-01",
    "2026-03-01T12:30:00",
    "2026-03-01T12:30Z",
    "2026-03-01T12Z",
    "2026-3-1T12:30:00Z",
    "2026-03-01T12:30:00+01",
    "2026-03-01T12:30:00+0100",
    "2026-03-01T12:30:00+24:00",
    "2026-03-01T12:30:00+01:60",
    "2026-13-01T12:30:00Z",
    "2026-02-29T12:30:00Z",
    "2026-02-30T12:30:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T12:60:00Z",
    "2026-03-01T12:30:61Z",
    "2026-03-01T12:30:00.Z",
    "2026-03-01T12:30:00,5Z",
    "20260301T123000Z",
    "2026-W09-7T12:30:00Z",
    "2026-060T12:30:00Z",
    "+2026-03-01T12:30:00Z",
    "-001-03-01T12:30:00Z",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "2026-03-01T12:30:00ZZ",
    "٢٠٢٦-٠٣-٠١T١٢:٣٠:٠٠Z",
    "2026-03-01T12:30:00−01:00",
    '"2026-03-01T12:30:00Z"',
    "infinity",
]
NO_TIMES += [
    "",
    "2026-03-01T12:30:00Z ",
    " 2026-03-01T12:30:00Z",
    "2026-03-01T12:30:00Z\n",
    "2026-03-01T12:30:00Z\0",
    "2026-03-01T12:30:00 UTC",
    "2026-03-01T12:30:00 01:00",
    "2026-03-01T12:30:00." + "9" * 10_000,
    "9" * 10_000,
]
NO_BOOLEANS = [
    "1",
    "0",
    "True",
    "FALSE",
    "yes",
    "on",
    "t",
    "null",
    "true,false",
    "tru",
    "truee",
    "ｔｒｕｅ",
    "[true]",
    "true;q=x",
]
NO_BOOLEANS += ["", " true", "true ", "true\n", "true\0", '"true"', "t" * 10_000]
NO_SORTS = [
    "id",
    "title",
    "+created_at",
    "--created_at",
    "created_at,updated_at",
    "Created_at",
    "-",
    "created_at-desc",
    "random",
]
NO_SORTS += ["", " created_at", "created_at desc", "created_at\0", "x" * 10_000]
NO_INTEGERS = [
    "x",
    "1.5",
    "1.0",
    "1e2",
    "0x10",
    "١٢",
    "１２",
    "²",
    "1_000",
    "½",
    "∞",
    "NaN",
    "--",
    "1,000",
    "null",
    "true",
]
NO_INTEGERS += ["", " 1", "1 ", "1\n", "1\0", "1 2"]
NO_LIMITS = ["0", "-1", "1001", "-1000000", "4294967297", "9" * 30, "9" * 5_000]
NO_UTF_8 = ["%ff", "a%C3%28", "%ED%A0%80", "%c0%80", "%F4%90%80%80"]
TIMES = ["created_after", "created_before", "updated_after", "updated_before"]
GOOD = {
    "q": "a",
    "is_completed": "true",
    "sort": "created_at",
    **dict.fromkeys(TIMES, "2026-03-01T12:30:00Z"),
    "limit": "1",
}


def escaped(values):
    return [quote(value, safe="") for value in values]


BAD = {
    "is_completed": {"bool_parsing": escaped(NO_BOOLEANS)},
    "sort": {"enum": escaped(NO_SORTS)},
    "limit": {"int_parsing": escaped(NO_INTEGERS), "value_error": NO_LIMITS},
    "q": {
        "string_too_short": ["", "%20", "+%09%0A%E2%80%83"],
        "string_too_long": ["x" * 501, "%F0%9F%98%80" * 501, "+".join(["x" * 99] * 6), "x" * 100_000],
        "too_long": ["x" + "+x" * 20],
        "value_error": ["%00", "a%00b"],
    },
    **{name: {"datetime_parsing": [*escaped(NO_TIMES), "2026-03-01T12:30:00+01:00"]} for name in TIMES},
    "cursor": {"value_error": ["", "x"]},
}


def bad_values(name):
    """Each bad value as it stands in a query, with the type of its problem."""
    good = GOOD.get(name, "x")
    twice = [f"{good}&{name}={good}", f"{good}&{name}=x", f"{good}&{name}=", f"{good}&{escaped_name(name)}={good}"]
    return [
        *[(value, kind) for kind, values in BAD[name].items() for value in values],
        *[(value, "value_error") for value in NO_UTF_8 + twice],
    ]


def escaped_name(name):
    return f"%{ord(name[0]):02x}{name[1:]}"


@pytest.mark.parametrize("name", [*GOOD, "cursor"])
def test_known_name_with_a_bad_value_is_refused(api, statements, name):
    for value, kind in bad_values(name):
        response = api.send("GET", f"{TASKS}?{name}={value}")
        assert (value, response.status_code, problems_of(response)) == (value, 422, [(["query", name], kind)])
    assert statements == []


def test_name_without_an_equals_sign_has_an_empty_value(api):
    response = api.send("GET", f"{TASKS}?is_completed")

    assert (response.status_code, problems_of(response)) == (422, [(["query", "is_completed"], "bool_parsing")])


def test_every_problem_of_a_query_is_told_behind_that_of_the_path(api):
    response = api.send("GET", "/api/%00/tasks?sort=x&is_completed=1&q=&limit=1.5&cursor=x&created_after=x")

    assert response.status_code == 422
    first, *others = problems_of(response)
    assert first == (["path", "user_id"], "value_error")
    assert sorted(others) == [
        (["query", "created_after"], "datetime_parsing"),
        (["query", "cursor"], "value_error"),
        (["query", "is_completed"], "bool_parsing"),
        (["query", "limit"], "int_parsing"),
        (["query", "q"], "string_too_short"),
        (["query", "sort"], "enum"),
    ]
