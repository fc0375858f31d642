"""Records a history of one task, and decides whether some order of its operations explains it."""

import math
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# The members that operations change.
MEMBERS = ("title", "description", "is_completed")


class State(NamedTuple):
    """Of a task that is there. Its tag is not known after a write without an answer, until an answer shows it."""

    members: tuple
    tag: str | None = None


@dataclass
class Operation:
    """A request and its answer, with the time of each. Without a status, or with a 5xx, it may or may not be done.

    `condition` is the tag that it sent as If-Match. A bulk write is an operation on each task that its filter leaves.
    """

    method: str
    body: dict | None
    condition: str | None = None
    is_bulk: bool = False
    start: float = field(default_factory=time.monotonic)
    end: float = math.inf
    status: int = 0
    answer: Any = None

    def answered(self, status, answer):
        self.status, self.answer = status, answer
        if self.is_known:
            self.end = time.monotonic()
        return self

    @property
    def is_known(self):
        return 200 <= self.status < 500

    @property
    def tag(self):
        """The tag of the task in the answer; None where there is none."""
        return self.answer.get("updated_at") if self.is_known else None


def state_of(task):
    return tuple(task[name] for name in MEMBERS)


def is_refused(state, operation):
    return operation.condition not in (None, state.tag)


def after(state, operation):
    """The task's state after the operation; None where there is no task. Of the answer only the tag is looked at."""
    if operation.method == "POST":
        return State(state_of({"description": None, "is_completed": False} | operation.body), operation.tag)
    if state is None or is_refused(state, operation):
        return state
    title, description, is_completed = state.members
    match operation.method:
        case "GET":
            return State(state.members, operation.tag or state.tag)
        case "PUT":
            return State(state_of(dict(zip(MEMBERS, state.members, strict=True)) | operation.body), operation.tag)
        case "PATCH":
            wanted = (operation.body or {}).get("is_completed", not is_completed)
            is_left_alone = operation.is_bulk and wanted == is_completed
            return state if is_left_alone else State((title, description, wanted), operation.tag)
    return None


def answers(state, operation):
    """Whether the operation, done in this state, would get the answer that it got."""
    if operation.method == "POST":
        return state is None and state_of(operation.answer) == after(None, operation).members
    if operation.is_bulk:
        return operation.status == 200
    if state is None:
        return operation.status == 404
    if is_refused(state, operation):
        return operation.status == 412
    if operation.method == "DELETE" or operation.status != 200:
        return operation.status == 200
    is_current = operation.method != "GET" or operation.tag in (None, state.tag) or state.tag is None
    return is_current and state_of(operation.answer) == after(state, operation).members


def is_linearizable(history):
    """Whether some order of the operations explains each answer (the algorithm of Wing and Gong).

    Operations that did not overlap keep their order. One without an answer may have been done at any time after its
    request, or never.
    """
    operations = sorted(history, key=lambda operation: operation.start)
    seen, pending = set(), [(0, None)]
    while pending:
        done, state = pending.pop()
        rest = [(place, operation) for place, operation in enumerate(operations) if not done >> place & 1]
        if not any(operation.is_known for _, operation in rest):
            return True
        first_end = min(operation.end for _, operation in rest)
        for place, operation in rest:
            following = done | 1 << place, after(state, operation)
            is_next = operation.start <= first_end and (not operation.is_known or answers(state, operation))
            if is_next and following not in seen:
                seen.add(following)
                pending.append(following)
    return False
