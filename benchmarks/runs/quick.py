"""`--quick`, for a developer before and after a change: CPU a request against FastAPI + SQLModel, in two minutes."""

import contextlib

from benchmarks.load import operations
from benchmarks.load.bench import CPU_CONNECTIONS, bench, check
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import FASTAPI_SQLMODEL, SERVICE, WITH_TOKENS
from benchmarks.runs import conditions, token_cost

ROUNDS = 5
SECONDS = 0.3
PAIRS = 3
CANDIDATES = (SERVICE, WITH_TOKENS, FASTAPI_SQLMODEL)
# Waiting for the disk costs no CPU time, and makes the figures vary.
IN_MEMORY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def measure(on, requests):
    """By operation and candidate, the samples of the rounds."""
    with contextlib.ExitStack() as stack:
        running = {candidate: stack.enter_context(on.start(candidate)) for candidate in CANDIDATES}
        wanted = None
        for candidate, process in running.items():
            wanted = check(on, candidate, process, wanted)
        on.restore()
        return on.cpu_side_by_side(running, requests, operations.OPERATIONS, ROUNDS, SECONDS)


def run(command, say):
    say(f"{len(operations.OPERATIONS)} operations, {ROUNDS} rounds")
    with bench(**IN_MEMORY) as on:
        dataset.fill(on.url)
        requests = operations.Requests()
        samples = measure(on, requests)
        say("A get without a token and with one")
        tokens = token_cost.measure(on, requests, PAIRS)
        described = conditions.description(on, command)
    workloads = {
        operation: {
            candidate.name: {name: [sample[name] for sample in of_one] for name in ("app_ms", "postgresql_ms")}
            for candidate, of_one in by_candidate.items()
        }
        for operation, by_candidate in samples.items()
    }
    described |= {"service": SERVICE.name, "with_tokens": WITH_TOKENS.name, "peer": FASTAPI_SQLMODEL.name}
    return described | {"connections": CPU_CONNECTIONS, "rounds": ROUNDS, "workloads": workloads, "tokens": tokens}
