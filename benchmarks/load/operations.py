"""The requests that every candidate gets: ten operations on the tasks of the data set, and a mix of some of them."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.machinery import tokens
from benchmarks.machinery.dataset import CREATORS, DESCRIPTION, DOOMED, FILLED, GUARDED, LONG, READERS, WRITERS, Group
from testbed.client import bearer


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: dict | None = None
    status: int = 200
    token: str | None = None
    if_match: str | None = None

    @property
    def headers(self):
        headers = bearer(self.token)
        return headers | {"If-Match": self.if_match} if self.if_match else headers

    def encoded(self):
        """Its bytes on the socket."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if self.body is None:
            return f"{head}\r\n".encode()
        content = json.dumps(self.body)
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n{content}".encode()


def list_tasks(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks")


def page(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks?limit=50")


def open_tasks(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks?is_completed=false")


def get(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks/{group.id(n)}")


def create(group, n):
    body = {"title": f"Task {n}: send the offer to the customer", "description": DESCRIPTION}
    return Request("POST", f"/api/{group.user(n)}/tasks", body, status=201)


def put(group, n):
    body = {"title": f"Task {n}: call the customer back", "is_completed": n % 2 == 0}
    return Request("PUT", f"/api/{group.user(n)}/tasks/{group.id(n)}", body)


def conditional_put(group, n):
    return replace(put(group, n), if_match=group.tag(n))


def toggle(group, n):
    return Request("PATCH", f"/api/{group.user(n)}/tasks/{group.id(n)}/complete")


def delete(group, n):
    return Request("DELETE", f"/api/{group.user(n)}/tasks/{group.id(n)}")


def token(group, n):
    """A token of the user of task `n`. The first 200 tasks have all tokens of this kind of user."""
    return tokens.of(group.user(n), n // group.users % max(1, tokens.COUNT // group.users))


@dataclass(frozen=True)
class Operation:
    make: Callable
    group: Group

    def __call__(self, n):
        return self.make(self.group, n)

    def with_token(self, n):
        return replace(self(n), token=token(self.group, n))


OPERATIONS = {
    "list 1,000": Operation(list_tasks, LONG),
    "list 20": Operation(list_tasks, READERS),
    "page of 50": Operation(page, LONG),
    "filtered list": Operation(open_tasks, LONG),
    "get": Operation(get, READERS),
    "create": Operation(create, CREATORS),
    "put": Operation(put, WRITERS),
    "conditional put": Operation(conditional_put, GUARDED),
    "toggle": Operation(toggle, WRITERS),
    "delete": Operation(delete, DOOMED),
}
# Their requests are sent once: a task is deleted once, and after a change it has another tag.
ONCE = ("conditional put", "delete")
MIX = {"list 20": 60, "get": 15, "create": 10, "toggle": 10, "put": 5}
WORKLOADS = (*OPERATIONS, "mix")


def some_task(group, turn, chance):
    """The number of a random task of the user whose turn it is. A user's tasks lie all over the table."""
    return chance.randrange(group.tasks) * group.users + turn % min(tokens.COUNT, group.users)


class Requests:
    """The requests of one turn, the same for every candidate: random rows, but another one where it is used up.

    200 users of each kind take turns, who have a token each, or 40 with long lists, who have five each.
    """

    COUNT = 4_000

    def __init__(self):
        chance = random.Random(20)
        made = {name: [(each, n) for n in self.numbers(name, chance)] for name, each in OPERATIONS.items()}
        mixed = [OPERATIONS[name] for name in chance.choices(list(MIX), weights=MIX.values(), k=self.COUNT)]
        made["mix"] = [(operation, some_task(operation.group, turn, chance)) for turn, operation in enumerate(mixed)]
        self.without_tokens = {name: encoded(operation(n) for operation, n in each) for name, each in made.items()}
        self.with_tokens = {
            name: encoded(operation.with_token(n) for operation, n in each) for name, each in made.items()
        }
        self.restart()

    def numbers(self, name, chance):
        group = OPERATIONS[name].group
        if name in ONCE:
            return range(len(group))
        return [some_task(group, turn, chance) for turn in range(self.COUNT)]

    def restart(self):
        """For after `dataset.restore`, when all rows are as they were."""
        self.used_up = dict.fromkeys(ONCE, 0)

    def of(self, workload, *, has_tokens=False):
        """Pairs of bytes and wanted status."""
        made = self.with_tokens if has_tokens else self.without_tokens
        return made[workload][self.used_up.get(workload, 0) :]

    def used(self, workload, count):
        """Skips the rows that these requests have deleted or changed."""
        if workload in ONCE:
            self.used_up[workload] += count


def introductions():
    """Cheap requests with all tokens, in a random order, so that each worker gets each token in the end."""
    every = [(group, n) for group in (*FILLED, CREATORS) for n in range(tokens.COUNT)]
    drawn = random.Random(20).choices(every, k=10 * len(every))
    return encoded(Request("GET", f"/api/{group.user(n)}/tasks/none", None, 404, token(group, n)) for group, n in drawn)


def encoded(requests):
    """Pairs of bytes and wanted status."""
    return [(request.encoded(), request.status) for request in requests]
