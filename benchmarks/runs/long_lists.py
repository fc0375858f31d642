"""One user's list as it grows: its time, and the memory that a worker needs for it beside what it had before."""

import http.client
import time
from statistics import median

import psycopg

from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import SERVICE, Candidate
from testbed import processes

LENGTHS = (1, 10, 100, 1_000, 2_000, 10_000, 100_000)
REPEATS = 5
CHUNK_BYTES = 1 << 16
# One worker: all lists are made by the process whose memory is watched.
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
        worker = running.workers()[0]
        for _ in range(REPEATS):
            fetch(running.port, "/api/nobody/tasks")
        idle = processes.rss_bytes(worker)
        processes.reset_peak_rss(worker)
        fetched = [fetch(running.port, path) for _ in range(REPEATS)]
        peak = processes.peak_rss_bytes(worker) - idle
    seconds, sizes = zip(*fetched, strict=True)
    return {"tasks": group.tasks, "ms": median(seconds) * 1000, "bytes": sizes[0], "peak_bytes": peak}


def fetch(port, path):
    """Seconds to the last byte, and the number of bytes. The body is not kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    begin, size = time.perf_counter(), 0
    connection.request("GET", path)
    answer = connection.getresponse()
    while chunk := answer.read(CHUNK_BYTES):
        size += len(chunk)
    seconds = time.perf_counter() - begin
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return seconds, size
