"""`--far`: requests a second where the database is a network away, as a hosted one is."""

import contextlib
from statistics import median

from benchmarks.load import operations
from benchmarks.load.bench import bench
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import PEERS, SERVICE, WORKERS
from benchmarks.reports.figures import ratio, rotated
from benchmarks.reports.markdown import figure, table, times
from benchmarks.runs import conditions as machine
from benchmarks.runs.comparison import CONNECTIONS, rate
from benchmarks.runs.conditions import in_words
from testbed.network import network, round_trips

# One way: with its way back, what a database in a data centre nearby takes.
DELAY_SECONDS = 0.002
ROUNDS = 3
WORKLOADS = ("list 20", "get", "create", "toggle", "mix")
CANDIDATES = (SERVICE, *PEERS)


def measure(on, url, say):
    """The rates of the rounds by workload, number of connections and candidate; all run, and one works at a time."""
    requests = operations.Requests()
    rates = {workload: {str(count): {} for count in CONNECTIONS} for workload in WORKLOADS}
    with contextlib.ExitStack() as stack:
        running = {candidate: stack.enter_context(on.start(candidate, url)) for candidate in CANDIDATES}
        # The first round is for warming up: connections are made, and what is far is found out.
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
            described = machine.description(on, command) | {"rounds": ROUNDS, "workers": int(WORKERS)}
            described |= {"service": SERVICE.name, "round_trip_ms": median(round_trips(url)) * 1000}
            return described | {"workloads": measure(on, url, say)}


def sections(results):
    service = results["service"]
    parts = [
        "## With the database a network away\n",
        in_words(results),
        f"Each has {results['workers']} worker processes, and a statement's way to PostgreSQL and back takes "
        f"{figure(results['round_trip_ms'], 2)} ms, by a process in between that delays what it passes on and takes "
        f"CPU time from all of them alike. Requests a second, the medians of {results['rounds']} rounds; in bold how "
        "many times the peer's the service's are, with the lowest and the highest round.\n",
    ]
    for count in map(str, CONNECTIONS):
        names = sorted(results["workloads"]["get"][count], key=lambda name: name != service)
        rows = [
            [workload, *(cell(by_count[count], service, name) for name in names)]
            for workload, by_count in results["workloads"].items()
        ]
        parts += [f"{count} connections\n", table(["", *names], rows)]
    return parts


def cell(rates, service, name):
    own = figure(median(rates[name]))
    return own if name == service else f"{own}, {times(ratio(rates[service], rates[name]))}"
