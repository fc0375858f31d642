"""One user's list as it grows: how long it takes, and how much memory a worker needs for it."""

from statistics import median

import psycopg

from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import SERVICE, Candidate
from testbed import processes
from testbed.client import NO_TASKS, Client

LENGTHS = (1, 10, 100, 1_000, 2_000, 10_000, 100_000)
REPEATS = 5
TIMEOUT_SECONDS = 120
# One worker, so that the process whose memory is read has served every list.
ONE_WORKER = Candidate(SERVICE.name, SERVICE.command, {"WEB_CONCURRENCY": "1"})


def groups(lengths):
    return [dataset.Group(f"list{length}", number, 1, length) for number, length in enumerate(lengths)]


def measure(on, lengths):
    url = on.new_database("lists")
    with psycopg.connect(url, autocommit=True) as connection:
        dataset.load(connection, groups(lengths))
    return [measure_one(on, url, group) for group in groups(lengths)]


def measure_one(on, url, group):
    path = f"/api/{group.user(0)}/tasks"
    with on.start(ONE_WORKER, url) as running:
        [worker] = running.workers()
        for _ in range(REPEATS):
            fetch(running.port, NO_TASKS)
        idle = processes.rss_bytes(worker)
        processes.reset_peak_rss(worker)
        fetched = [fetch(running.port, path) for _ in range(REPEATS)]
        peak = processes.peak_rss_bytes(worker) - idle
    seconds, sizes = zip(*fetched, strict=True)
    return {"tasks": group.tasks, "ms": median(seconds) * 1000, "bytes": sizes[0], "peak_bytes": peak}


def fetch(port, path):
    """Seconds to the last byte, and the number of bytes, over a new connection."""
    with Client(port, TIMEOUT_SECONDS) as client:
        answer = client.send("GET", path)
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return answer.seconds, len(answer.body)
