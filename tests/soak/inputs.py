"""Sends hostile requests from new seeds, and checks histories of many clients for linearizability."""

from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

from testbed.postgres import Cluster
from tests.api.test_concurrency import Recorder, at_once
from tests.hostile.generator import connections
from tests.hostile.verdict import fault_of
from tests.support.client import Client
from tests.support.history import is_linearizable
from tests.support.service import Service

AT_ONCE = 20_000


def hostile(count, folder, say):
    """How many of `count` malformed requests were answered wrongly. Each seed makes different requests."""
    faults = []
    with Cluster() as cluster, Service(cluster.url(), folder / "hostile", LOG_LEVEL="error") as service:
        for seed in range(count // AT_ONCE):
            with ThreadPoolExecutor(4) as clients:
                answered = clients.map(partial(fault_of, service.port), connections(seed, AT_ONCE))
                faults += [fault for fault in answered if fault]
            say(f"{(seed + 1) * AT_ONCE} hostile requests, {len(faults)} answered wrongly {faults[:1]}")
    return len(faults)


def linearizable(rounds, folder, say):
    """How many operations were recorded on both databases, and how many tasks no order explains."""
    operations = unexplained = 0
    with Cluster() as cluster:
        for url in (f"sqlite:///{folder}/linearizable.sqlite3", cluster.url()):
            with Service(url, folder / "linearizable", LOG_LEVEL="error") as service:
                for round_number in range(rounds):
                    histories = record(service.port, round_number)
                    operations += sum(map(len, histories))
                    unexplained += sum(not is_linearizable(history) for history in histories)
                    say(f"{operations} operations recorded, {unexplained} tasks that no order explains")
    return operations, unexplained


def record(port, seed):
    histories, recent = defaultdict(list), deque(maxlen=4)
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(port)) for _ in range(8)]
        recorders = [Recorder(client, histories, recent, f"{seed} {n}") for n, client in enumerate(clients)]
        at_once([partial(recorder.work, 1250) for recorder in recorders])
    return list(histories.values())
