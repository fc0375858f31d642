"""One fault after the other under load, each kind in its turn."""

import os
import signal
import time
from collections import defaultdict
from contextlib import contextmanager
from itertools import cycle, islice
from random import Random

from tests.faults.load import READS_CREATES_AND_UPDATES, Load
from tests.faults.pair import Pair
from tests.faults.pgbouncer import PROGRAM, PgBouncer
from tests.faults.primary import Primary
from tests.faults.waiting import until
from tests.service import Service
from tests.soak.figures import Figures


@contextmanager
def ended_connections(primary):
    primary.terminate()
    yield


@contextmanager
def killed_worker(service):
    os.kill(service.workers()[0], signal.SIGKILL)
    yield
    until(lambda: len(service.workers()) == 2)


@contextmanager
def killed_service(service):
    service.kill()
    yield
    service.start()


@contextmanager
def replaced_workers(service):
    service.process.send_signal(signal.SIGHUP)
    yield
    until(lambda: len(service.workers()) == 2, 30)


# What happens, to whom, and whether users may notice: reads, creates and updates must then not fail.
UNNOTICED = [
    ("PostgreSQL killed (SIGKILL) and started", lambda primary, service: primary.killed()),
    ("PostgreSQL restarted", lambda primary, service: primary.stopped()),
    ("PostgreSQL frozen (SIGSTOP)", lambda primary, service: primary.frozen()),
    ("connections ended by the server", lambda primary, service: ended_connections(primary)),
    ("no connection left", lambda primary, service: primary.full()),
    ("workers replaced (SIGHUP)", lambda primary, service: replaced_workers(service)),
]
NOTICED = [
    ("writes refused (read-only)", lambda primary, service: primary.read_only()),
    ("disk full, said by a trigger", lambda primary, service: primary.out_of_space()),
    ("worker killed (SIGKILL)", lambda primary, service: killed_worker(service)),
    ("service killed (SIGKILL)", lambda primary, service: killed_service(service)),
]


def survive(primary, service, fault, seconds, *, may_be_noticed):
    """The figures of one fault that lasts for so many seconds."""
    with Load(service.port) as load:
        time.sleep(0.5)
        with fault(primary, service):
            time.sleep(seconds)
        back = time.monotonic()
        time.sleep(2)
    noticed = 0 if may_be_noticed else load.failed(*READS_CREATES_AND_UPDATES).total()
    return Figures().add(load, noticed, load.recovery(back))


def survive_many(count, folder, say):
    """The figures by kind of fault, on PostgreSQL; a service that was killed starts again with its tasks."""
    random, figures = Random(count), defaultdict(Figures)
    kinds = [(*kind, False) for kind in UNNOTICED] + [(*kind, True) for kind in NOTICED]
    with Primary(max_connections=30) as primary, Service(primary.url(), folder / "faults") as service:
        for name, fault, may_be_noticed in islice(cycle(kinds), count):
            figures[name] += survive(primary, service, fault, random.uniform(0.2, 4), may_be_noticed=may_be_noticed)
            say(f"{name}: {figures[name]}")
    return dict(figures)


def survive_on_sqlite(count, folder, say):
    figures = Figures()
    with Service(f"sqlite:///{folder}/db.sqlite3", folder / "sqlite") as service:
        for _ in range(count):
            figures += survive(None, service, NOTICED[-1][1], 0.2, may_be_noticed=True)
    say(f"SQLite: {figures}")
    return {"service killed (SIGKILL), on SQLite": figures}


def survive_behind_pgbouncer(count, folder, say):
    if PROGRAM is None:
        return {}
    figures = Figures()
    with (
        Primary(max_connections=30) as primary,
        PgBouncer(primary.port) as pgbouncer,
        Service(pgbouncer.url(), folder / "pgbouncer") as service,
    ):
        kinds = [UNNOTICED[0][1], UNNOTICED[3][1], lambda *_: pgbouncer.stopped()]
        for fault in islice(cycle(kinds), count):
            figures += survive(primary, service, fault, 2, may_be_noticed=False)
            say(f"PgBouncer: {figures}")
    return {"PgBouncer restarted, or PostgreSQL behind it": figures}


def fail_over_often(count, folder, say):
    """The primary of a synchronous pair dies, its standby takes over and gets a standby of its own."""
    figures = Figures()
    with Pair() as pair, Service(pair.url(), folder / "pair") as service:
        for _ in range(count):
            with Load(service.port) as load:
                time.sleep(0.5)
                pair.fail_over()
                promoted = time.monotonic()
                time.sleep(2)
            figures.add(load, load.failed(*READS_CREATES_AND_UPDATES).total(), load.recovery(promoted))
            pair.replicate()
            say(f"failovers: {figures}")
    return {"primary of a synchronous pair killed, standby promoted": figures}
