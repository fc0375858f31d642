"""Records a history of one task, and decides whether some order of its operations explains it."""

import math
import time
from dataclasses import dataclass, field
from typing import Any

# The members that operations change. Their values are a task's state. The state is None where there is no task.
MEMBERS = ("title", "description", "is_completed")


@dataclass
class Operation:
    """A request and its answer, with the time of each. Without a status, or with a 5xx, it may or may not be done."""

    method: str
    body: dict | None
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


def state_of(task):
    return tuple(task[name] for name in MEMBERS)


def after(state, operation):
    """The task's state after the operation. The answer is not looked at."""
    match operation.method:
        case "POST":
            return state_of({"description": None, "is_completed": False} | operation.body)
        case _ if state is None:
            return None
        case "PUT":
            return state_of(dict(zip(MEMBERS, state, strict=True)) | operation.body)
        case "PATCH":
            return (*state[:2], (operation.body or {}).get("is_completed", not state[2]))
        case "DELETE":
            return None
    return state


def answers(state, operation):
    """Whether the operation, done in this state, would get the answer that it got."""
    if operation.method == "POST":
        return state is None and state_of(operation.answer) == after(None, operation)
    if state is None:
        return operation.status == 404
    if operation.method == "DELETE":
        return operation.status == 200
    return operation.status == 200 and state_of(operation.answer) == after(state, operation)


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
