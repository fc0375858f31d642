"""Clients that work while something breaks, and the ledger of the answers that they got."""

import threading
import time
from collections import Counter
from math import inf
from random import Random

from tests.support.client import REFUSED, Client
from tests.support.history import Operation, is_linearizable

READS_CREATES_AND_UPDATES = ("GET", "POST", "PUT")
KEPT = 5


def is_success(status):
    return 200 <= status < 300


class Worker:
    """One client with its own user. Only it changes its tasks, so every answer that it got must still hold."""

    def __init__(self, port, user, seed):
        self.port, self.path = port, f"/api/{user}/tasks"
        self.random = Random(seed)
        self.histories, self.working_on = {}, []
        self.doubtful_titles, self.created = set(), 0
        self.operations = []

    def work(self, client):
        if len(self.working_on) < KEPT:
            self.create(client)
            return
        task_id = self.random.choice(self.working_on)
        method = self.random.choices(("GET", "PUT", "PATCH", "DELETE"), weights=(6, 6, 3, 1))[0]
        title = f"{task_id[-4:]} {len(self.operations)}"
        operation = self.send(client, method, f"/{task_id}", {"title": title} if method == "PUT" else None)
        if operation.status != REFUSED:
            self.histories[task_id].append(operation)
        # A task in doubt is left alone. The ledger judges it by what is there in the end.
        if operation.status != REFUSED and (method == "DELETE" or not operation.is_known):
            self.working_on.remove(task_id)

    def create(self, client):
        self.created += 1
        operation = self.send(client, "POST", "", {"title": f"Task {self.created}"})
        if operation.status == 201:
            self.histories[operation.answer["id"]] = [operation]
            self.working_on.append(operation.answer["id"])
        elif operation.status != REFUSED:
            self.doubtful_titles.add(operation.body["title"])

    def send(self, client, method, suffix, body):
        operation = Operation(method, body)
        asked = time.monotonic()
        answer = client(method, self.path + suffix + ("/complete" if method == "PATCH" else ""), body)
        self.operations.append((method, answer.status, asked, time.monotonic()))
        return operation.answered(answer.status, answer.body)

    def wrong(self, client):
        """The tasks that now differ from the answers that this client got."""
        there = {task["id"]: task for task in client("GET", self.path).body}
        unexplained = [
            history for task_id, history in self.histories.items() if not explains(history, there.get(task_id))
        ]
        titles = Counter(task["title"] for task_id, task in there.items() if task_id not in self.histories)
        made_twice = [title for title, count in titles.items() if count > 1 or title not in self.doubtful_titles]
        return unexplained + made_twice


def explains(history, task):
    """Whether this task, or its absence where it is None, can be the result of the history."""
    return is_linearizable([*history, Operation("GET", None).answered(200 if task else 404, task)])


class Load:
    """`with Load(port) as load:` keeps clients at work until it ends. `load.wrong()` then checks the result."""

    runs = 0

    def __init__(self, port, clients=6, pause=0.01, ports=()):
        Load.runs += 1
        self.ports, self.pause = [port, *ports], pause
        self.workers = [Worker(self.ports[n % len(self.ports)], f"load-{self.runs}-{n}", n) for n in range(clients)]
        self.threads = [threading.Thread(target=self.work, args=[worker]) for worker in self.workers]
        self.ends = threading.Event()

    def work(self, worker):
        with Client(worker.port) as client:
            while not self.ends.wait(self.pause):
                worker.work(client)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc_info):
        self.ends.set()
        for thread in self.threads:
            thread.join()

    @property
    def operations(self):
        return [operation for worker in self.workers for operation in worker.operations]

    def statuses(self, *methods):
        return Counter(status for method, status, *_ in self.operations if method in methods)

    def failed(self, *methods):
        """How often these methods failed, by method and status. A user would have noticed each failure."""
        return Counter(
            (method, status) for method, status, *_ in self.operations if method in methods and not is_success(status)
        )

    def slowest(self):
        return max(end - asked for *_, asked, end in self.operations)

    def recovery(self, since):
        """The seconds from `since` until each client has had a success."""
        firsts = [
            min(
                (end for _, status, asked, end in worker.operations if asked >= since and is_success(status)),
                default=inf,
            )
            for worker in self.workers
        ]
        return max(firsts) - since

    def wrong(self):
        """What differs from the answers that the clients got: writes lost, done twice, or done in part."""
        with Client(self.ports[0]) as client:
            return [wrong for worker in self.workers for wrong in worker.wrong(client)]

    @property
    def acknowledged_writes(self):
        return sum(method != "GET" and is_success(status) for method, status, *_ in self.operations)
