"""The section about the service and its peers."""

from operator import itemgetter
from statistics import median

from benchmarks.load.operations import MIX
from benchmarks.machinery import tokens
from benchmarks.machinery.dataset import FILLED, LONG, OPEN_EVERY
from benchmarks.reports import token_cost
from benchmarks.reports.conditions import in_words
from benchmarks.reports.figures import ratio
from benchmarks.reports.markdown import compared, figure, share, table, times

METHOD = f"""### How it is measured

- Each application is started as it is deployed and listens on a socket; requests come over connections kept alive.
- Each turn starts with the same {sum(map(len, FILLED)):,} tasks on the same PostgreSQL, which is as durable as in
  production (`fsync`, `synchronous_commit`), and gets the same requests in the same order.
- CPU is the user and system time of all processes of the application, or of PostgreSQL, divided by the answers in that
  time. It is read from `/proc`, with 8 connections that are never idle. All applications run, and work one after the
  other within seconds, in another order each round. Other work on the machine disturbs this figure least.
- Requests a second come from wrk, where it is installed, and otherwise from the built-in driver.
- Latencies come from the built-in driver: it sends by the clock, so a slow answer delays no other request.
- Each answer's status is checked.
- The requests are about the tasks of {tokens.COUNT} users of each kind, or of the {LONG.users} with long lists.
- The page of 50 is the first of a list of {LONG.tasks:,}. The filtered list is of the open tasks among {LONG.tasks:,}:
  {LONG.tasks // OPEN_EVERY}.
- A conditional put carries the current tag of its task in `If-Match`. Each task gets one in a turn, so the tag is the
  one that the data set gave it.
- The mix is {", ".join(f"{percent}% {name}" for name, percent in MIX.items())}.
"""
PEERS = "The peers in `benchmarks/peers/`, each with the same contract, written as a user of its framework would:\n"


def sections(results):
    service, workloads = results["service"], results["workloads"]
    names = sorted(results["memory"], key=lambda name: name != service)
    cpu_rounds = len(workloads["get"][service]["app_ms"])
    return [
        "## The service and its peers\n",
        in_words(results),
        f"Each candidate has {results['workers']} worker processes, the same tasks, and a turn in each of "
        f"{results['rounds']} rounds. All gave the same answers before anything was measured. Figures are medians of "
        "rounds; in bold how many times better the service is, with the lowest and the highest round; ∞ where a peer "
        "answered nothing in a round.\n",
        PEERS,
        "".join(f"- {name}: {description}\n" for name, description in results["peers"].items()),
        token_cost.COLUMN,
        f"### CPU of the application, in milliseconds a request ({cpu_rounds} rounds)\n",
        compared(workloads, names, itemgetter("app_ms")),
        f"### CPU of PostgreSQL, in milliseconds a request ({cpu_rounds} rounds)\n",
        compared(workloads, names, itemgetter("postgresql_ms"), digits=2),
        "### Requests a second\n",
        *rate_tables(workloads, names),
        "### Latency at the same offered rate, in milliseconds\n",
        "p50 / p99, and in bold the p50 in multiples of the service's. Requests come at random moments, at half the "
        "rate that the\nslowest candidate reaches, whether or not earlier ones have been answered. A wait for a "
        "connection counts.\n",
        latency_table(results, names),
        *token_cost.sections(results["tokens"]),
        "### Memory of a worker\n",
        "PSS of the largest worker after a turn, in MiB: the highest of the rounds.\n",
        memory_table(results["memory"], names),
        "### The limit\n",
        "pgbench sends the service's statements, prepared, over as many connections: the statements a second that\n"
        "PostgreSQL alone executes on this machine, and the share of them that the service reaches.\n",
        limit_table(results),
        "### Start-up\n",
        startup(results["startup"]),
        METHOD,
    ]


def rate_tables(workloads, names):
    for count in next(iter(workloads.values()))[names[0]]["rates"]:
        failed = {name: sum(by_name[name]["refused"][count] for by_name in workloads.values()) for name in names}
        counts = "; ".join(f"{name}: {number} answers failed" for name, number in failed.items() if number)
        yield f"{count} connections{f' ({counts})' if counts else ''}\n"
        yield compared(workloads, names, lambda figures, count=count: figures["rates"][count], is_rate=True)


def latency_table(results, names):
    service, *peers = names

    def both(measured):
        return f"{figure(measured['p50_ms'])} / {figure(measured['p99_ms'])}"

    def cell(by_name, peer):
        times_p50 = ratio(by_name[peer]["rounds_p50_ms"], by_name[service]["rounds_p50_ms"])
        return f"{both(by_name[peer])}, {times(times_p50)}"

    lines = [
        [workload, figure(results["offered"][workload], 2), both(by_name[service])]
        + [cell(by_name, peer) for peer in peers]
        for workload, by_name in results["workloads"].items()
    ]
    return table(["", "requests a second", *names], lines)


def memory_table(memory, names):
    service, *peers = names
    cells = [f"{figure(max(memory[peer]))}, {times(ratio(memory[peer], memory[service]))}" for peer in peers]
    return table(["", *names], [["PSS", figure(max(memory[service])), *cells]])


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
