"""The sections about the service and its peers."""

import functools
from operator import itemgetter
from statistics import median

from benchmarks.load.operations import MIX
from benchmarks.machinery.dataset import FILLED
from benchmarks.reports.figures import ratio
from benchmarks.reports.markdown import figure, share, table, times
from benchmarks.runs.conditions import in_words

METHOD = f"""### How it is measured

- Each application is started as it is deployed and listens on a socket; requests come over connections kept alive.
- Each turn starts with the same {sum(map(len, FILLED)):,} tasks on the same PostgreSQL, which keeps every write as in
  production (`fsync`, `synchronous_commit`), and meets the same requests in the same order.
- CPU is the user and system time of all processes of the application, or of PostgreSQL, over the answers in that time:
  from `/proc`, with 8 connections that are never idle. All applications run then, and work within seconds one after the
  other, in another order each round. What else a machine does disturbs it least of all figures.
- Requests a second come from wrk, where it is installed, and from a driver of our own where it is not.
- Latencies come from that driver: it sends by the clock, so a slow answer delays no other request.
- Each answer's status is checked.
- The mix is {", ".join(f"{percent}% {name}" for name, percent in MIX.items())}.
"""
PEERS = "The peers, each written from the same contract as a user of its framework would, in `benchmarks/peers/`:\n"


def sections(results):
    service = results["service"]
    names = list(results["memory"])
    peers = [name for name in names if name != service]
    workloads = results["workloads"]
    cpu_rounds = len(workloads["get"][service]["app_ms"])
    return [
        "## The service and its peers\n",
        in_words(results),
        f"Each has {results['workers']} worker processes, the same tasks, and its turn in each of {results['rounds']} "
        "rounds. Before anything was measured, all had given the same answers.\n",
        PEERS,
        "".join(f"- {name}: {description}\n" for name, description in results["peers"].items()),
        "### CPU of the application, in milliseconds a request\n",
        table(["", *names], rows(workloads, names, lambda figures: figure(median(figures["app_ms"])))),
        "### The peers' CPU, in multiples of the service's\n",
        f"The median of {cpu_rounds} rounds, with the lowest and the highest.\n",
        ratios(workloads, service, peers, itemgetter("app_ms")),
        "### Requests a second\n",
        "Medians of the rounds. Failed are answers with a status of 400 or more, of all rounds together.\n",
        *rate_tables(workloads, names),
        "### The service's requests a second, in multiples of the peers'\n",
        *rate_ratios(workloads, service, peers),
        "### Latency at the same offered rate, in milliseconds\n",
        "p50 / p99. Requests come at random moments and at half the rate that the slowest of the five reaches,\n"
        "whether or not earlier ones have been answered; a wait for a connection counts.\n",
        table(["", "requests a second", *names], latencies(results, names)),
        "### The peers' latency, in multiples of the service's\n",
        "A round's p99 is close to the longest wait in it.\n",
        *latency_ratios(workloads, service, peers),
        "### CPU of PostgreSQL, in milliseconds a request\n",
        table(["", *names], rows(workloads, names, lambda figures: figure(median(figures["postgresql_ms"]), 2))),
        "In multiples of the service's:\n",
        ratios(workloads, service, peers, itemgetter("postgresql_ms")),
        "### Memory of a worker\n",
        "PSS of the largest worker after a turn, in MiB.\n",
        memory_table(results["memory"], service, names),
        "### The limit\n",
        "The same statements, prepared and sent by pgbench over as many connections: the requests that PostgreSQL\n"
        "itself answers in a second on this machine, and the share of them that the service reaches.\n",
        limit_table(results),
        "### Start-up\n",
        startup(results["startup"]),
        METHOD,
    ]


def rows(workloads, names, cell):
    return [[workload, *(cell(by_name[name]) for name in names)] for workload, by_name in workloads.items()]


def ratios(workloads, service, peers, samples, *, is_rate=False):
    """How far the service is ahead of each peer, round by round: less of what it costs, or more of what it does."""

    def cell(by_name, peer):
        ours, theirs = samples(by_name[service]), samples(by_name[peer])
        return times(ratio(ours, theirs) if is_rate else ratio(theirs, ours))

    lines = [[workload, *(cell(by_name, peer) for peer in peers)] for workload, by_name in workloads.items()]
    return table(["", *peers], lines)


def connection_counts(workloads):
    return list(next(iter(next(iter(workloads.values())).values()))["rates"])


def rate_tables(workloads, names):
    for count in connection_counts(workloads):
        yield f"{count} connections\n"
        yield table(["", *names], rows(workloads, names, functools.partial(rate_cell, count)))


def rate_ratios(workloads, service, peers):
    for count in connection_counts(workloads):
        yield f"{count} connections\n"
        yield ratios(workloads, service, peers, lambda figures, count=count: figures["rates"][count], is_rate=True)


def latency_ratios(workloads, service, peers):
    for percentile in ("p50", "p99"):
        yield f"{percentile}\n"
        yield ratios(workloads, service, peers, itemgetter(f"rounds_{percentile}_ms"))


def memory_table(memory, service, names):
    multiples = [times(ratio(memory[name], memory[service])) if name != service else "" for name in names]
    most = [figure(max(memory[name])) for name in names]
    return table(["", *names], [["PSS", *most], ["in multiples of the service's", *multiples]])


def rate_cell(count, figures):
    refused = figures["refused"][count]
    return figure(median(figures["rates"][count])) + (f" ({refused} failed)" if refused else "")


def latencies(results, names):
    return [
        [
            workload,
            figure(results["offered"][workload], 2),
            *(f"{figure(by_name[name]['p50_ms'])} / {figure(by_name[name]['p99_ms'])}" for name in names),
        ]
        for workload, by_name in results["workloads"].items()
    ]


def limit_table(results):
    counts = list(next(iter(results["limit"].values())))
    head = [""] + [f"{what}, {count} connections" for count in counts for what in ("pgbench", "share")]
    lines = []
    for operation, by_count in results["limit"].items():
        reached = results["workloads"][operation][results["service"]]["rates"]
        pairs = [(by_count[count]["rate"], median(reached[count]) / by_count[count]["rate"]) for count in counts]
        lines.append([operation, *(cell for rate, part in pairs for cell in (figure(rate), share(part)))])
    return table(head, lines)


def startup(measured):
    return (
        f"From the start of gunicorn to the first list of tasks {figure(measured['first_answer'], 2)} s; "
        f"`django.setup()` alone with the same settings {figure(measured['bare_setup'], 2)} s: "
        f"**{figure(measured['ratio'], 2)}** times (medians of {measured['runs']} runs).\n"
    )
