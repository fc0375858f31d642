"""Clients that work while something breaks, and what became of their requests."""

import threading
from collections import Counter
from math import inf

from tests.support.client import Client
from tests.support.worker import Worker

READS_CREATES_AND_UPDATES = ("GET", "POST", "PUT")


def is_success(status):
    return 200 <= status < 300


class Load:
    """`with Load(port) as load:` keeps clients at work until it ends. `load.wrong()` then checks the result."""

    runs = 0

    def __init__(self, port, clients=6, pause=0.01, ports=(), *, has_keys=True):
        Load.runs += 1
        self.ports, self.pause = [port, *ports], pause
        self.workers = [
            Worker(self.ports[n % len(self.ports)], f"load-{self.runs}-{n}", n, has_keys=has_keys)
            for n in range(clients)
        ]
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
