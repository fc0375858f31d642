"""Rounds of turns: in each round every candidate starts from the same data and meets the same requests."""

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks import agreement, dataset, driver, processes
from benchmarks.candidates import ROOT, SERVICE, Running
from tests.postgres import Cluster

# Durable as in production. A buffer for all of the data, and no checkpoint by time or size in the middle of a turn.
SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "1h", "timezone": "UTC"}
DATABASE = "benchmark"


class Bench:
    """The database server with the data, and how one candidate is run on it."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.url = cluster.url(DATABASE)
        self.folder = Path(folder)
        self.postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])

    def restore(self):
        dataset.restore(self.url)

    def start(self, candidate):
        return Running(candidate, self.url, self.folder / f"{candidate.name}.log")

    def cpu(self, running, requests, workload, connections, seconds):
        """CPU milliseconds a request, of the application and of PostgreSQL, and the rate at which they were spent."""
        before = processes.cpu_seconds(running.pid), processes.cpu_seconds(self.postmaster)
        outcome = driver.saturate(running.port, requests.of(workload), connections, seconds)
        after = processes.settle(running.pid), processes.settle(self.postmaster)
        requests.used(workload, outcome.requests)
        app, postgresql = ((b - a) * 1000 / outcome.requests for a, b in zip(before, after, strict=True))
        return {"app_ms": app, "postgresql_ms": postgresql, "rate": outcome.requests / outcome.seconds}


@contextlib.contextmanager
def bench(**settings):
    with Cluster(**SERVER | settings) as cluster, tempfile.TemporaryDirectory() as folder:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        migrate(cluster.url(DATABASE))
        dataset.fill(cluster.url(DATABASE))
        yield Bench(cluster, folder)


def migrate(url):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=SERVICE.variables(url, 8000), check=True)


def check(bench, running):
    """Raises agreement.Disagreement where a candidate that runs answers anything but what the service answers."""
    answers = {}
    for candidate, process in running.items():
        bench.restore()
        answers[candidate] = agreement.answers(process.port)
        agreement.compare(candidate.name, answers[SERVICE], answers[candidate])
