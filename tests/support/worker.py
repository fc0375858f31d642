"""One client that works while something breaks."""

import time
from functools import partial
from random import Random

from tests.support.client import REFUSED
from tests.support.history import Operation
from tests.support.ledger import Ledger

KEPT = 5
BATCH = 3
CHANGES = {
    ("GET", "", ""): 6,
    ("PUT", "", "title"): 6,
    ("PATCH", "/complete", ""): 3,
    ("PATCH", "/complete", "is_completed"): 2,
    ("DELETE", "", ""): 1,
}


class Worker:
    """A client with its own user, whose tasks nobody else changes.

    A write with a key or a tag may be sent again, and is, until it is answered. A task whose other write has no answer
    is left alone.
    """

    def __init__(self, port, user, seed, *, has_keys=True):
        self.port, self.path = port, f"/api/{user}/tasks"
        self.random = Random(seed)
        self.has_keys = has_keys
        self.ledger = Ledger()
        # By id: each task as it was when last seen. None where only a read can tell.
        self.working_on, self.left_alone = {}, set()
        self.created = 0
        self.unanswered = None
        self.operations = []

    def work(self, client):
        if self.unanswered:
            self.unanswered(client)
        elif len(self.working_on) < KEPT:
            self.create(self.new_request(), client)
        elif self.random.random() < 0.1:
            self.change_many(*self.some_tasks(), client)
        else:
            self.change_one(client)

    def send(self, client, method, suffix, body=None, headers=None, **how):
        operation = Operation(method, body, **how)
        asked = time.monotonic()
        answer = client(method, self.path + suffix, body, headers)
        self.operations.append((method, answer.status, asked, time.monotonic()))
        return operation.answered(answer.status, answer.body)

    def new_request(self):
        """For one task or several, with a key or without one."""
        self.created += 1
        word = f"made-{self.created}."
        bodies = [{"title": f"{word}{n}", "description": word} for n in range(self.random.choice((1, 1, BATCH)))]
        headers = {"Idempotency-Key": word} if self.random.random() < 0.5 and self.has_keys else {}
        return word, bodies, headers

    def create(self, request, client):
        word, bodies, headers = request
        body, suffix = (bodies[0], "") if len(bodies) == 1 else ({"tasks": bodies}, "/batch")
        operation = self.send(client, "POST", suffix, body, headers)
        self.unanswered = None
        if operation.status == 201:
            self.working_on |= self.ledger.record_create(word, bodies, operation)
        elif headers or operation.status == REFUSED:
            self.unanswered = partial(self.create, request)
        else:
            self.ledger.doubtful_titles.append([body["title"] for body in bodies])

    def change_one(self, client):
        task_id = self.random.choice(list(self.working_on))
        task = self.working_on[task_id]
        if task is None:
            self.change(("GET", task_id, "", None, None), client)
            return
        method, suffix, member = self.random.choices(list(CHANGES), weights=CHANGES.values())[0]
        values = {"title": f"{task_id[-4:]} {len(self.operations)}", "is_completed": self.random.random() < 0.5}
        tag = task["updated_at"] if method != "GET" and self.random.random() < 0.5 else None
        self.change((method, task_id, suffix, {member: values[member]} if member else None, tag), client)

    def change(self, request, client):
        method, task_id, suffix, body, tag = request
        headers = {"If-Match": f'"{tag}"'} if tag else {}
        operation = self.send(client, method, f"/{task_id}{suffix}", body, headers, condition=tag)
        self.ledger.record(task_id, operation)
        self.unanswered = None
        if operation.status == REFUSED or (tag and not operation.is_known):
            self.unanswered = partial(self.change, request)
        elif not operation.is_known:
            self.leave_alone([] if method == "GET" else [task_id])
        elif method == "DELETE" and operation.status != 412:
            del self.working_on[task_id]
        else:
            self.working_on[task_id] = operation.answer if operation.status == 200 else None

    def leave_alone(self, task_ids):
        self.left_alone.update(task_ids)
        for task_id in task_ids:
            self.working_on.pop(task_id, None)

    def some_tasks(self):
        """The word of all tasks that one request made, and what to do with them."""
        words = [word for word, ids in self.ledger.made.items() if not self.working_on.keys().isdisjoint(ids)]
        return self.random.choice(words), *self.random.choice([("PATCH", True), ("PATCH", False), ("DELETE", None)])

    def change_many(self, word, method, wanted, client):
        """Completes, reopens or deletes the tasks by a filter."""
        body = {"is_completed": wanted} if method == "PATCH" else None
        operation = self.send(client, method, f"?q={word}", body, is_bulk=True)
        task_ids = self.ledger.made[word]
        for task_id in task_ids:
            self.ledger.record(task_id, operation)
        if operation.is_known:
            self.compare_count(operation, task_ids, wanted)
        elif operation.status != REFUSED:
            self.leave_alone(task_ids)

    def compare_count(self, operation, task_ids, wanted):
        tasks = {task_id: self.working_on[task_id] for task_id in task_ids if task_id in self.working_on}
        known = {task_id: task for task_id, task in tasks.items() if task is not None}
        if operation.method == "DELETE":
            changed, answer = known, {"deleted": len(known)}
            for task_id in tasks:
                del self.working_on[task_id]
        else:
            changed = {task_id: task for task_id, task in known.items() if task["is_completed"] != wanted}
            answer = {"updated": len(changed)}
            for task_id, task in changed.items():
                self.working_on[task_id] = task | {"is_completed": wanted, "updated_at": None}
        is_certain = len(known) == len(tasks) and self.left_alone.isdisjoint(task_ids)
        if is_certain and operation.answer != answer:
            self.ledger.wrong_counts.append((operation, changed))

    def wrong(self, client):
        """What the ledger finds, and a write that is not answered even now."""
        if self.unanswered:
            self.unanswered(client)
        return self.ledger.wrong(client("GET", self.path).body) + ([self.unanswered] if self.unanswered else [])
