"""The requests that every candidate gets: seven operations on the tasks of the data set, and a mix of them."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.machinery.dataset import CREATORS, DESCRIPTION, DOOMED, LONG, READERS, WRITERS, Group


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: dict | None = None
    status: int = 200

    def encoded(self):
        """Its bytes on the socket."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        if self.body is None:
            return f"{head}\r\n".encode()
        content = json.dumps(self.body)
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n{content}".encode()


def list_tasks(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks")


def get(group, n):
    return Request("GET", f"/api/{group.user(n)}/tasks/{group.id(n)}")


def create(group, n):
    body = {"title": f"Task {n}: send the offer to the customer", "description": DESCRIPTION}
    return Request("POST", f"/api/{group.user(n)}/tasks", body, status=201)


def put(group, n):
    body = {"title": f"Task {n}: call the customer back", "is_completed": n % 2 == 0}
    return Request("PUT", f"/api/{group.user(n)}/tasks/{group.id(n)}", body)


def toggle(group, n):
    return Request("PATCH", f"/api/{group.user(n)}/tasks/{group.id(n)}/complete")


def delete(group, n):
    return Request("DELETE", f"/api/{group.user(n)}/tasks/{group.id(n)}")


@dataclass(frozen=True)
class Operation:
    make: Callable
    group: Group

    def __call__(self, n):
        return self.make(self.group, n)


OPERATIONS = {
    "list 1,000": Operation(list_tasks, LONG),
    "list 20": Operation(list_tasks, READERS),
    "get": Operation(get, READERS),
    "create": Operation(create, CREATORS),
    "put": Operation(put, WRITERS),
    "toggle": Operation(toggle, WRITERS),
    "delete": Operation(delete, DOOMED),
}
MIX = {"list 20": 60, "get": 15, "create": 10, "toggle": 10, "put": 5}
WORKLOADS = (*OPERATIONS, "mix")


class Requests:
    """The requests of one turn, the same for every candidate: random rows, but another one for every delete."""

    COUNT = 4_000

    def __init__(self):
        chance = random.Random(20)
        self.made = {}
        for name, operation in OPERATIONS.items():
            count = len(DOOMED) if name == "delete" else self.COUNT
            numbers = range(count) if name == "delete" else (chance.randrange(len(READERS)) for _ in range(count))
            self.made[name] = [operation(n) for n in numbers]
        names = chance.choices(list(MIX), weights=MIX.values(), k=self.COUNT)
        self.made["mix"] = [OPERATIONS[name](chance.randrange(len(READERS))) for name in names]
        self.encoded = {
            name: [(request.encoded(), request.status) for request in made] for name, made in self.made.items()
        }
        self.restart()

    def restart(self):
        """For after `dataset.restore`, when all rows are there again."""
        self.deleted = 0

    def of(self, workload):
        """Pairs of bytes and wanted status."""
        return self.encoded[workload][self.deleted if workload == "delete" else 0 :]

    def used(self, workload, count):
        """Skips the rows that these deletes have removed."""
        if workload == "delete":
            self.deleted += count
