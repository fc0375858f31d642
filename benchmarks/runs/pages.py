"""Pages of one user's list that is a hundredth of the table: at its start, in its middle, at its end, and filtered."""

import contextlib
import itertools
import math
from dataclasses import dataclass
from statistics import median
from urllib.parse import parse_qs, urlsplit

from benchmarks.load import driver, operations, statements
from benchmarks.load.bench import rotated
from benchmarks.machinery import dataset, plans
from benchmarks.machinery.candidates import SERVICE
from benchmarks.reports.figures import ratio
from testbed.client import Client

PAGE_SIZE = 50
# The most tasks that one request may ask for, on the way to a page in the middle.
STRIDE = 1_000
# As in the rest of the run, but fewer: the pages that read the whole list take long.
ROUNDS = 9
REQUESTS = 10


@dataclass(frozen=True)
class Page:
    """`place`: from 0, the first page, to 1, the last; `every`: the list has each `every`th of the user's tasks."""

    start: str
    query: str = ""
    place: float = 0
    every: int = 1

    def skipped(self, group):
        """The number of tasks before it."""
        return max(0, int((math.ceil(group.tasks / self.every) - PAGE_SIZE) * self.place))


def thirds(name, query, every=1):
    places = {"start": 0, "middle": 0.5, "end": 1}
    return {f"{name}, {where}": Page(f"{name}, start", query, place, every) for where, place in places.items()}


PAGES = {
    **thirds("oldest first", "sort=created_at"),
    **thirds("newest first", "sort=-created_at"),
    **thirds("open", "is_completed=false", dataset.OPEN_EVERY),
    # No index helps these: they read all of the user's tasks.
    "last changed first": Page("last changed first", "sort=-updated_at"),
    "a word of no task": Page("a word of no task", "q=walrus"),
}


def requests(port, group):
    with Client(port) as client:
        return {name: request(client, page, group) for name, page in PAGES.items()}


def request(client, page, group):
    """Follows the links to the page, because a cursor comes from a link alone."""
    path = f"/api/{group.user(0)}/tasks?{page.query}"
    following, skipped = path, page.skipped(group)
    while skipped:
        stride = min(skipped, STRIDE)
        answer = client.send("GET", f"{following}&limit={stride}")
        [cursor] = parse_qs(urlsplit(answer.headers["Link"].partition(">")[0]).query)["cursor"]
        following, skipped = f"{path}&cursor={cursor}", skipped - stride
    return operations.Request("GET", f"{following}&limit={PAGE_SIZE}")


def turn(port, asked):
    """The median in milliseconds of one request again and again; the first half warms up."""
    made = operations.encoded([asked] * REQUESTS)
    outcome = driver.one_after_the_other(port, made).checked()
    return median(outcome.latencies[REQUESTS // 2 :]) * 1000


def measure(on, urls, groups):
    """By size and page: the time, its ratio to that of the first page of the same list, and the plan."""
    measured = {size: {name: [] for name in PAGES} for size in urls}
    with contextlib.ExitStack() as stack:
        ports = {size: stack.enter_context(on.start(SERVICE, url)).port for size, url in urls.items()}
        asked = {size: requests(port, groups[size]) for size, port in ports.items()}
        for number, name in itertools.product(range(ROUNDS), PAGES):
            for size in rotated(ports, number):
                measured[size][name].append(turn(ports[size], asked[size][name]))
    return {
        "tasks": {size: groups[size].tasks for size in urls},
        "operations": {size: summary(by_name) for size, by_name in measured.items()},
        "plans": {size: explained(url, asked[size]) for size, url in urls.items()},
    }


def summary(by_name):
    return {
        name: {"p50_ms": median(rounds), "ratio": vars(ratio(rounds, by_name[PAGES[name].start]))}
        for name, rounds in by_name.items()
    }


def explained(url, asked):
    return {name: plans.explain(url, statement) for name, statement in statements.sent_for(url, asked).items()}
