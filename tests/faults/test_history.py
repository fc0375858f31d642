"""Tests of the checker of histories: it accepts a history that some order explains, and rejects any other."""

import math

import pytest

from tests.support.history import Operation, is_linearizable

pytestmark = pytest.mark.run_once("sqlite")


def done(method, start, end, status, body=None, **answer):
    task = {"title": "New", "description": None, "is_completed": False} | answer
    return Operation(method, body, start=start, end=end, status=status, answer=task)


CREATED = done("POST", 0, 1, 201, {"title": "New"})


@pytest.mark.parametrize(
    "history",
    [
        [done("GET", 2, 3, 404)],
        [done("PATCH", 2, 5, 200, is_completed=True), done("PATCH", 3, 4, 200, is_completed=True)],
        [done("PUT", 2, 3, 200, {"title": "b"}, title="b"), done("GET", 4, 5, 200)],
        [
            done("PUT", 2, 5, 200, {"title": "b"}, title="b"),
            done("PATCH", 3, 4, 200, is_completed=True),
            done("GET", 6, 7, 200),
        ],
        [done("DELETE", 2, 3, 200), done("PATCH", 4, 5, 200, is_completed=True)],
        [done("DELETE", 2, 5, 200), done("DELETE", 3, 4, 200)],
        [done("PATCH", 2, math.inf, 503), done("GET", 3, 4, 200, is_completed=True), done("GET", 5, 6, 200)],
    ],
    ids=["lost", "flipped once for two", "stale", "update lost", "back from the dead", "deleted twice", "undone"],
)
def test_a_history_that_no_order_explains_is_told(history):
    assert not is_linearizable([CREATED, *history])


@pytest.mark.parametrize(
    "history",
    [
        [done("PATCH", 2, 5, 200), done("PATCH", 3, 4, 200, is_completed=True)],
        [done("DELETE", 2, 5, 200), done("GET", 3, 4, 200), done("GET", 3, 6, 404)],
        [done("PATCH", 2, math.inf, 503), done("GET", 3, 4, 200), done("GET", 5, 6, 200, is_completed=True)],
        [done("PATCH", 2, math.inf, 0), done("GET", 5, 6, 200)],
    ],
    ids=["overlapping", "read while deleted", "unknown, done late", "unknown, never done"],
)
def test_a_history_that_some_order_explains_is_taken(history):
    assert is_linearizable([CREATED, *history])
