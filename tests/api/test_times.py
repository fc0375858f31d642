"""The filters of times are exclusive, and exact beyond the microsecond."""

from datetime import datetime

import pytest

from tasks.models import Task
from tests.conftest import OWNER
from tests.support.queries import problems_of, url
from tests.support.reference import Tasks

TASKS = f"/api/{OWNER}/tasks"
MICROSECOND = "2026-03-01T12:30:00.123456"
TIMES = [
    # the value, then whether a task of MICROSECOND is before it and after it
    (f"{MICROSECOND}Z", False, False),
    (f"{MICROSECOND}z", False, False),
    (f"{MICROSECOND}+00:00", False, False),
    (f"{MICROSECOND}-00:00", False, False),
    (f"{MICROSECOND}000Z", False, False),
    (f"{MICROSECOND}{'0' * 100}Z", False, False),
    (f"{MICROSECOND}789Z", True, False),
    (f"{MICROSECOND}000000001Z", True, False),
    ("2026-03-01T12:30:00.1234569Z", True, False),
    ("2026-03-01T12:30:00.1234559999999999999999999999999Z", False, True),
    ("2026-03-01T12:30:00.123455Z", False, True),
    ("2026-03-01T12:30:00.123457Z", True, False),
    ("2026-03-01T12:30:00.1Z", False, True),
    ("2026-03-01T12:30:00.2Z", True, False),
    ("2026-03-01T12:30:00Z", False, True),
    ("2026-03-01T12:30:01Z", True, False),
    ("2026-03-01t12:30:01z", True, False),
    ("2026-03-01T14:30:00.123456+02:00", False, False),
    ("2026-03-01T14:30:00.123457+02:00", True, False),
    ("2026-03-01T00:30:00.123456-12:00", False, False),
    ("2026-03-02T12:29:00.123456+23:59", False, False),
    ("2026-02-28T12:31:00.123456-23:59", False, False),
    ("2026-03-01T18:15:00.123456+05:45", False, False),
    ("0001-01-01T00:00:00Z", False, True),
    ("0001-01-02T00:00:00+14:00", False, True),
    ("9999-12-31T23:59:59.999999Z", True, False),
    ("9999-12-31T23:59:59Z", True, False),
    ("1582-10-10T00:00:00Z", False, True),
    ("2024-02-29T00:00:00Z", False, True),
]


@pytest.mark.parametrize("member", ["created", "updated"])
def test_times_are_exclusive_to_the_last_digit(api, member):
    task = api.create()
    moment = datetime.fromisoformat(f"{MICROSECOND}+00:00")
    Task.objects.for_user(OWNER).filter(pk=task["id"]).update(created_at=moment, updated_at=moment)
    expected = Tasks()
    expected.keep(*api.tasks())

    for value, is_before, is_after in TIMES:
        for direction, is_found in (("before", is_before), ("after", is_after)):
            response = api.send("GET", url({f"{member}_{direction}": value}, TASKS))
            answered = (value, response.status_code, response.json())
            assert answered == (value, 200, expected.listed({}) if is_found else [])
            assert expected.listed({f"{member}_{direction}": value}) == response.json()


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "9999-12-31T23:59:59.9999999Z"]
)
def test_time_at_the_very_edge_is_answered_rightly_or_refused(api, value):
    task = api.create()

    for direction, is_found in (("before", value > "5"), ("after", value < "5")):
        response = api.send("GET", url({f"created_{direction}": value}, TASKS))
        if response.status_code == 422:
            assert problems_of(response) == [(["query", f"created_{direction}"], "datetime_parsing")]
        else:
            assert (response.status_code, response.json()) == (200, [task] if is_found else [])
