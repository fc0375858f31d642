"""The full run: the service, without and with tokens, and its four peers in turns, and pgbench for the limit."""

import contextlib
import itertools
from statistics import median

from benchmarks.load import operations, pgbench, statements, wrk
from benchmarks.load.bench import bench, check
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import PEERS, SERVICE, WITH_TOKENS, WORKERS
from benchmarks.reports.figures import percentile
from benchmarks.runs import conditions, startup, token_cost
from testbed import processes

CANDIDATES = (SERVICE, WITH_TOKENS, *PEERS)
# Three rounds show whether a difference is a disturbance. With the durations below all takes half an hour.
ROUNDS = 3
CPU_ROUNDS = 11
PAIRS = 7
CONNECTIONS = (8, 64)
# Of the driver, for latencies: far more than are busy at the offered rates.
OFFER_CONNECTIONS = 32
CALIBRATION_SECONDS = 0.4
CPU_SECONDS = 0.4
LATENCY_SECONDS = 1.2
# wrk takes whole seconds. With 64 connections a peer may answer long lists in batches of 32, two seconds apart.
RATE_SECONDS = {"list 1,000": {8: 2, 64: 4}}
# They include the time in which pgbench connects, a third of a second for 64 connections.
LIMIT_SECONDS = {8: 1, 64: 2}
# Of the rate that the slowest candidate reaches, so that no candidate is near saturation.
OFFERED_SHARE = 0.5


def rate_seconds(workload, connections):
    return RATE_SECONDS.get(workload, {}).get(connections, 1)


def calibrate(on, requests):
    """Checks that all candidates give the same answers. Returns the rate to offer for each workload."""
    slowest = {}
    wanted = None
    for candidate in CANDIDATES:
        with on.start(candidate) as running:
            wanted = check(on, candidate, running, wanted)
            on.restore()
            requests.restart()
            for workload in operations.WORKLOADS:
                rate = on.cpu(running, requests, workload, CONNECTIONS[0], CALIBRATION_SECONDS)["rate"]
                slowest[workload] = min(rate, slowest.get(workload, rate))
    return {workload: rounded(rate * OFFERED_SHARE) for workload, rate in slowest.items()}


def rounded(rate):
    """To two digits, because an offered rate is chosen and not measured."""
    return float(f"{rate:.2g}")


def side_by_side(on, requests):
    on.restore()
    requests.restart()
    with contextlib.ExitStack() as stack:
        running = {candidate: stack.enter_context(on.start(candidate)) for candidate in CANDIDATES}
        return on.cpu_side_by_side(running, requests, operations.WORKLOADS, CPU_ROUNDS, CPU_SECONDS)


def turn(on, candidate, requests, offered):
    """The samples of one candidate in one round by workload, and the memory of a worker afterwards in bytes."""
    on.restore()
    requests.restart()
    with on.start(candidate) as running:
        on.warm_up(running, requests, operations.WORKLOADS)
        samples = {
            workload: {"rates": {}, "latencies": latencies(on, running, requests, workload, offered[workload])}
            for workload in operations.WORKLOADS
        }
        # Last, because all threads of FastAPI may end up waiting 30 s for a connection of its default pool.
        for count, workload in itertools.product(CONNECTIONS, operations.WORKLOADS):
            samples[workload]["rates"][str(count)] = rate(on, running, requests, workload, count)
        return samples, max(map(processes.pss_bytes, running.workers()))


def latencies(on, running, requests, workload, rate):
    return on.latencies(running, requests, workload, OFFER_CONNECTIONS, LATENCY_SECONDS, rate)


def rate(on, running, requests, workload, connections):
    """Requests a second with a right answer, and the number of wrong ones, which fail the run for the service."""
    outcome = on.rate(running, requests, workload, connections, rate_seconds(workload, connections))
    if running.candidate in (SERVICE, WITH_TOKENS):
        outcome.checked()
    refused = len(outcome.refused)
    return {"rate": (outcome.requests - refused) / outcome.seconds, "refused": refused}


def measure(on, say):
    requests = operations.Requests()
    say("Comparing the answers, and finding the rates to offer")
    offered = calibrate(on, requests)
    on.restore()
    sent = statements.sent_by_service(on.url)
    say("CPU, side by side")
    spent = side_by_side(on, requests)
    say("A get without a token and with one")
    tokens = token_cost.measure(on, requests, PAIRS)
    samples, memory, limits = {}, {}, []
    for number in range(1, ROUNDS + 1):
        for candidate in CANDIDATES:
            say(f"Round {number} of {ROUNDS}: {candidate.name}")
            by_workload, pss = turn(on, candidate, requests, offered)
            memory.setdefault(candidate.name, []).append(pss)
            for workload, measured in by_workload.items():
                samples.setdefault(workload, {}).setdefault(candidate, []).append(measured)
        say(f"Round {number} of {ROUNDS}: pgbench")
        limits.append(pgbench.turn(on, sent, LIMIT_SECONDS))
    return {
        "offered": offered,
        "tokens": tokens,
        "workloads": {
            workload: {candidate.name: summary(spent[workload][candidate], turns) for candidate, turns in by.items()}
            for workload, by in samples.items()
        },
        "memory": {name: [pss / 1024**2 for pss in by_round] for name, by_round in memory.items()},
        "limit": {operation: medians([by_operation[operation] for by_operation in limits]) for operation in sent},
    }


def summary(spent, turns):
    """The rounds of each figure. Latencies are in milliseconds, by round and of all rounds together."""
    rounds = [[latency * 1000 for latency in turn["latencies"]] for turn in turns]
    latencies = list(itertools.chain.from_iterable(rounds))
    rates = {count: [turn["rates"][count] for turn in turns] for count in map(str, CONNECTIONS)}
    return {
        "app_ms": [sample["app_ms"] for sample in spent],
        "postgresql_ms": [sample["postgresql_ms"] for sample in spent],
        "rates": {count: [each["rate"] for each in measured] for count, measured in rates.items()},
        "refused": {count: sum(each["refused"] for each in measured) for count, measured in rates.items()},
        "p50_ms": percentile(latencies, 0.50),
        "p99_ms": percentile(latencies, 0.99),
        "rounds_p50_ms": [percentile(each, 0.50) for each in rounds],
        "rounds_p99_ms": [percentile(each, 0.99) for each in rounds],
        "answers": len(latencies),
    }


def medians(rounds):
    """The figures of pgbench by number of connections."""
    return {
        count: {figure: median(by_count[count][figure] for by_count in rounds) for figure in rounds[0][count]}
        for count in map(str, CONNECTIONS)
    }


def run(command, say):
    with bench() as on:
        dataset.fill(on.url)
        results = conditions.description(on, command) | {"rounds": ROUNDS, "workers": int(WORKERS)}
        results |= {"peers": {peer.name: peer.description for peer in PEERS}}
        results |= {"service": SERVICE.name, "with_tokens": WITH_TOKENS.name}
        results |= {"driver": "wrk" if wrk.is_installed() else "built-in"}
        results |= measure(on, say)
        say("Start-up")
        results["startup"] = startup.measure(on.url)
    return results
