"""`--far`: requests a second with the database a network away, as a hosted database is."""

import contextlib
from statistics import median

from benchmarks.load import operations
from benchmarks.load.bench import bench, rotated
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import PEERS, SERVICE, WORKERS
from benchmarks.runs import conditions
from benchmarks.runs.comparison import CONNECTIONS, rate
from testbed.network import network, round_trips

# One way. There and back is then 4 ms, as to a database in a data centre nearby.
DELAY_SECONDS = 0.002
ROUNDS = 3
WORKLOADS = ("list 20", "get", "create", "toggle", "mix")
CANDIDATES = (SERVICE, *PEERS)


def measure(on, url, say):
    """The rounds' rates by workload, number of connections and candidate. All run, and one works at a time."""
    requests = operations.Requests()
    rates = {workload: {str(count): {} for count in CONNECTIONS} for workload in WORKLOADS}
    with contextlib.ExitStack() as stack:
        running = {candidate: stack.enter_context(on.start(candidate, url)) for candidate in CANDIDATES}
        # Round 0 warms up: connections are opened, and the service measures how far its database is.
        for number in range(ROUNDS + 1):
            say(f"Round {number} of {ROUNDS}")
            on.restore()
            requests.restart()
            for workload in WORKLOADS:
                for candidate in rotated(CANDIDATES, number):
                    for count in CONNECTIONS:
                        measured = rate(on, running[candidate], requests, workload, count)["rate"]
                        if number:
                            rates[workload][str(count)].setdefault(candidate.name, []).append(measured)
    return rates


def run(command, say):
    with bench() as on:
        dataset.fill(on.url)
        with network(on.url, DELAY_SECONDS) as url:
            described = conditions.description(on, command) | {"rounds": ROUNDS, "workers": int(WORKERS)}
            described |= {"service": SERVICE.name, "round_trip_ms": median(round_trips(url)) * 1000}
            return described | {"workloads": measure(on, url, say)}
