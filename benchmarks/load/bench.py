"""One measurement: CPU, rate or latency of one candidate, on a database that all candidates share."""

import contextlib
import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks.load import agreement, driver, operations, wrk
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import ROOT, SERVICE, Running
from testbed import processes
from testbed.client import NO_TASKS
from testbed.postgres import Cluster

# Durable as in production. The buffer holds all of the data, and neither time nor size causes a checkpoint in a turn.
SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "1h", "timezone": "UTC"}
DATABASE = "benchmark"
# Enough connections to reach every worker.
PROBES = 8
PATIENCE_SECONDS = 3
CPU_CONNECTIONS = 8
WARM_UP_SECONDS = 0.2
# Each worker then has seen nearly all tokens: some thousand requests carry one of a thousand tokens at random.
INTRODUCTION_SECONDS = 2


def rotated(values, places):
    """The values in a list that begins with another one each time, so that none is always first."""
    values = list(values)
    first = places % len(values)
    return values[first:] + values[:first]


class Bench:
    """The database server with the data, and the ways to measure a candidate on it."""

    database = DATABASE

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.folder = Path(folder)
        self.postmaster = cluster.postmaster()
        self.url = self.new_database(DATABASE)

    def new_database(self, name):
        """The URL of an empty database with the service's tables."""
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        migrate(self.cluster.url(name))
        return self.cluster.url(name)

    def restore(self):
        dataset.restore(self.url)

    def start(self, candidate, url=None):
        return Running(candidate, url or self.url, self.folder / f"{candidate.name}.log")

    def cpu(self, running, requests, workload, connections, seconds):
        """CPU milliseconds a request, of the application and of PostgreSQL, and the rate of the requests."""
        before = processes.cpu_seconds(running.pid), processes.cpu_seconds(self.postmaster)
        outcome = driver.saturate(running.port, sent(running, requests, workload), connections, seconds).checked()
        after = processes.settle(running.pid), processes.settle(self.postmaster)
        requests.used(workload, outcome.requests)
        app, postgresql = ((b - a) * 1000 / outcome.requests for a, b in zip(before, after, strict=True))
        return {"app_ms": app, "postgresql_ms": postgresql, "rate": outcome.requests / outcome.seconds}

    def warm_up(self, running, requests, workloads):
        if running.candidate.has_tokens:
            driver.saturate(running.port, operations.introductions(), PROBES, INTRODUCTION_SECONDS).checked()
        for workload in workloads:
            self.cpu(running, requests, workload, CPU_CONNECTIONS, WARM_UP_SECONDS)

    def cpu_side_by_side(self, running, requests, workloads, rounds, seconds):
        """The samples of `cpu` by workload and candidate. All candidates run: one works, the others are idle.

        In each round they follow each other within seconds, and another one is first each time, so that other work on
        the machine disturbs all of them alike.
        """
        samples = {workload: {candidate: [] for candidate in running} for workload in workloads}
        for process in running.values():
            self.warm_up(process, requests, workloads)
        for number, workload in itertools.product(range(rounds), workloads):
            for candidate in rotated(running, number):
                sample = self.cpu(running[candidate], requests, workload, CPU_CONNECTIONS, seconds)
                samples[workload][candidate].append(sample)
        return samples

    def rate(self, running, requests, workload, connections, seconds):
        """An Outcome that is not checked, from wrk where it is installed."""
        made = sent(running, requests, workload)
        if wrk.is_installed():
            outcome = wrk.saturate(running.port, made, connections, seconds, self.folder)
        else:
            outcome = driver.saturate(running.port, made, connections, seconds)
        # When wrk ends, each connection has one request under way; before it begins, wrk takes one more.
        requests.used(workload, outcome.requests + connections + 1)
        finish(running)
        return outcome

    def latencies(self, running, requests, workload, connections, seconds, rate):
        """In seconds, for requests that come at the given rate."""
        outcome = driver.offer(running.port, sent(running, requests, workload), connections, seconds, rate).checked()
        requests.used(workload, outcome.requests)
        return outcome.latencies


def sent(running, requests, workload):
    return requests.of(workload, has_tokens=running.candidate.has_tokens)


def finish(running):
    """Waits for the work that wrk left behind, or restarts what is stuck: the next measurement must not pay for it."""
    processes.settle(running.pid)
    probe = operations.Request("GET", NO_TASKS, token=running.candidate.token("nobody"))
    try:
        driver.saturate(running.port, operations.encoded([probe]), PROBES, 0, PATIENCE_SECONDS).checked()
    except (TimeoutError, driver.WrongAnswerError):
        running.restart()


@contextlib.contextmanager
def bench(**settings):
    with Cluster(**SERVER | settings) as cluster, tempfile.TemporaryDirectory() as folder:
        yield Bench(cluster, folder)


def migrate(url):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, cwd=ROOT, env=SERVICE.variables(url, 8000), check=True)


def check(on, candidate, running, wanted=None):
    """The answers of a candidate. Raises agreement.DisagreementError where they differ from the wanted ones."""
    on.restore()
    found = agreement.answers(running)
    agreement.compare(candidate.name, wanted or found, found)
    return found
