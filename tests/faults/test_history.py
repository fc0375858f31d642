"""Tests of the checker of histories: it accepts a history that some order explains, and rejects any other."""

import math

import pytest

from tests.support.history import Operation, is_linearizable

pytestmark = pytest.mark.run_once("sqlite")


def done(method, start, end, status, body=None, condition=None, *, is_bulk=False, **answer):
    task = {"title": "New", "description": None, "is_completed": False} | answer
    return Operation(method, body, condition, is_bulk, start=start, end=end, status=status, answer=task)


CREATED = done("POST", 0, 1, 201, {"title": "New"}, updated_at="1")


def put(start, status, condition=None, tag=None):
    end = math.inf if status == 503 else start + 1
    return done("PUT", start, end, status, {"title": "b"}, condition, title="b", updated_at=tag)


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
        [put(2, 412, "1")],
        [put(2, 200, tag="2"), put(4, 200, "1", tag="3")],
        [put(2, 503, "1"), put(4, 412, "1"), done("GET", 6, 7, 200, updated_at="1")],
        [put(2, 200, tag="2"), done("GET", 4, 5, 200, title="b", updated_at="3")],
        [done("PATCH", 2, 3, 200, {"is_completed": True}, is_bulk=True), done("GET", 4, 5, 200)],
        [done("DELETE", 2, 3, 200, is_bulk=True), done("GET", 4, 5, 200)],
    ],
    ids=[
        "lost",
        "flipped once for two",
        "stale",
        "update lost",
        "back from the dead",
        "deleted twice",
        "undone",
        "refused without a reason",
        "not refused",
        "refused, and never done",
        "written again",
        "not completed with others",
        "not deleted with others",
    ],
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
        [put(2, 200, tag="2"), put(4, 412, "1"), done("GET", 6, 7, 200, title="b", updated_at="2")],
        [put(2, 503, "1"), put(4, 412, "1"), done("GET", 6, 7, 200, title="b", updated_at="2"), put(8, 200, "2", "3")],
        [put(2, 503, "1"), put(4, 200, "1", tag="2"), done("GET", 6, 7, 200, title="b", updated_at="2")],
        [done("PATCH", 2, 3, 200, {"is_completed": False}, is_bulk=True), put(4, 200, "1", tag="2")],
        [done("DELETE", 2, 3, 200, is_bulk=True), put(4, 404, "1")],
    ],
    ids=[
        "overlapping",
        "read while deleted",
        "unknown, done late",
        "unknown, never done",
        "refused for an earlier write",
        "refused for its own write",
        "unknown, then done once",
        "left alone by a bulk write",
        "deleted with others",
    ],
)
def test_a_history_that_some_order_explains_is_taken(history):
    assert is_linearizable([CREATED, *history])
