"""A client that guesses the id of another user's task learns nothing from a status, a header, a word or a length."""

import re

import pytest

from tests.support.wire import exchange, request, with_body

NEVER = "01890000-0000-7000-8000-000000000000"
BODIES = [None, b"", b"{}", b'{"title": "a"}', b'{"is_completed": true}', b'{"title": 1}', b"[]", b"{", b"\xff"]


@pytest.fixture(scope="module")
def ids(service):
    """Ids that must be answered alike: another user's, in capitals too, a deleted one, one never used, and no UUID."""
    foreign, deleted = (create(service.port, user) for user in ("victim", "thief"))
    exchange(service.port, request("DELETE", f"/api/thief/tasks/{deleted}"))
    return [foreign, deleted, NEVER, foreign.upper(), "no-uuid-of-the-very-same-length-here"]


def create(port, user_id):
    [answer] = exchange(port, with_body("POST", f"/api/{user_id}/tasks", b'{"title": "secret"}'))
    return answer.headers["location"].rpartition("/")[2]


def told(port, method, task_id, suffix, body):
    """The whole answer without its time and request id. The task's id becomes ID where the answer repeats it."""
    target = f"/api/thief/tasks/{task_id}{suffix}"
    sent = request(method, target) if body is None else with_body(method, target, body)
    [answer] = exchange(port, sent)
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
    return answer.status, headers, re.sub(re.escape(task_id).encode(), b"ID", answer.body)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("HEAD", ""), ("PUT", ""), ("DELETE", ""), ("PATCH", "/complete")]
)
def test_a_foreign_id_is_answered_as_any_other_that_is_not_there(service, ids, method, suffix, body):
    answers = [told(service.port, method, task_id, suffix, body) for task_id in ids]
    assert answers == answers[:1] * len(ids)
    assert answers[0][0] in (404, 422)


def test_the_foreign_task_is_what_it_was(service, ids):
    [answer] = exchange(service.port, request("GET", f"/api/victim/tasks/{ids[0]}"))
    assert answer.shape == {"user_id": "victim", "title": "secret", "description": None, "is_completed": False}
