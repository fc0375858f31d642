"""Runs one fault after the other under load, each kind in its turn."""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

from tests.soak.figures import Figures
from tests.support.load import READS_CREATES_AND_UPDATES, Load
from tests.support.pair import Pair
from tests.support.pgbouncer import PROGRAM, PgBouncer
from tests.support.primary import Primary
from tests.support.service import Service
from tests.support.waiting import until

SHORTEST, LONGEST = 0.2, 4


class Fault(NamedTuple):
    """What happens to a PostgreSQL and a service. If it `shows`, reads, creates and updates may fail, otherwise not."""

    name: str
    happens: Callable
    shows: bool = False


@contextmanager
def ended_connections(primary, service):
    primary.terminate()
    yield


@contextmanager
def killed_worker(primary, service):
    os.kill(service.workers()[0], signal.SIGKILL)
    yield
    until(lambda: len(service.workers()) == 2)


@contextmanager
def killed_service(primary, service):
    service.kill()
    yield
    service.start()


@contextmanager
def replaced_workers(primary, service):
    before = set(service.workers())
    service.process.send_signal(signal.SIGHUP)
    yield
    until(lambda: len(service.workers()) == 2 and not before & set(service.workers()), 30)


KILLED = Fault("PostgreSQL killed (SIGKILL) and started", lambda primary, service: primary.killed())
ENDED = Fault("connections ended by the server", ended_connections)
KILLED_SERVICE = Fault("service killed (SIGKILL) and started", killed_service, shows=True)
FAULTS = [
    KILLED,
    ENDED,
    KILLED_SERVICE,
    Fault("PostgreSQL restarted", lambda primary, service: primary.stopped()),
    Fault("PostgreSQL frozen (SIGSTOP)", lambda primary, service: primary.frozen()),
    Fault("no connection left", lambda primary, service: primary.full()),
    Fault("workers replaced (SIGHUP)", replaced_workers),
    Fault("worker killed (SIGKILL)", killed_worker, shows=True),
    Fault("writes refused (read-only)", lambda primary, service: primary.read_only(), shows=True),
    Fault("disk full, raised by a trigger", lambda primary, service: primary.out_of_space(), shows=True),
]


def survive(fault, primary, service, seconds):
    """The figures of one fault that lasts `seconds`."""
    until(lambda: len(service.workers()) == 2)
    with Load(service.port) as load:
        time.sleep(0.5)
        with fault.happens(primary, service):
            time.sleep(seconds)
        back = time.monotonic()
        time.sleep(2)
    failed = None if fault.shows else load.failed(*READS_CREATES_AND_UPDATES).total()
    return Figures.of(load, failed, load.recovery(back))


def survive_all(faults, count, primary, service, say):
    """The figures by name, after `count` faults, each kind in its turn."""
    random, figures = Random(count), defaultdict(Figures)
    for fault in islice(cycle(faults), count):
        figures[fault.name] += survive(fault, primary, service, random.uniform(SHORTEST, LONGEST))
        say(f"{fault.name}: {figures[fault.name]}")
    return dict(figures)


def on_postgresql(count, folder, say):
    with Primary(max_connections=30) as primary, Service(primary.url(), folder / "postgresql") as service:
        return survive_all(FAULTS, count, primary, service, say)


def on_sqlite(count, folder, say):
    with Service(f"sqlite:///{folder}/db.sqlite3", folder / "sqlite") as service:
        fault = KILLED_SERVICE._replace(name=f"SQLite: {KILLED_SERVICE.name}")
        return survive_all([fault], count, None, service, say)


def behind_pgbouncer(count, folder, say):
    if PROGRAM is None:
        say("PgBouncer is not installed: left out")
        return {}
    with (
        Primary(max_connections=30) as primary,
        PgBouncer(primary.port) as pgbouncer,
        Service(pgbouncer.url(), folder / "pgbouncer") as service,
    ):
        restarted = Fault("restarted", lambda primary, service: pgbouncer.stopped())
        faults = [fault._replace(name=f"PgBouncer: {fault.name}") for fault in (restarted, KILLED, ENDED)]
        return survive_all(faults, count, primary, service, say)


def of_a_pair(count, folder, say):
    """The primary of a synchronous pair dies. Its standby takes over, and gets a new standby."""
    with Pair() as pair, Service(pair.url(), folder / "pair") as service:
        fault = Fault("primary of a synchronous pair killed, standby promoted", lambda *_: failover(pair))
        figures = Figures()
        for _ in range(count):
            figures += survive(fault, None, service, 0)
            pair.replicate()
            say(f"{fault.name}: {figures}")
        return {fault.name: figures}


@contextmanager
def failover(pair):
    pair.fail_over()
    yield
