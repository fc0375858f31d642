"""`--quick`, for a developer before and after a change: CPU a request against FastAPI + SQLModel, in a minute."""

import contextlib

from benchmarks.load import operations
from benchmarks.load.bench import CPU_CONNECTIONS, bench, check
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import FASTAPI_SQLMODEL, SERVICE
from benchmarks.runs import conditions

ROUNDS = 5
SECONDS = 0.3
CANDIDATES = (SERVICE, FASTAPI_SQLMODEL)
# Waiting for the disk costs no CPU time, and makes the figures vary.
IN_MEMORY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def measure(on):
    """By operation and candidate, the samples of the rounds."""
    dataset.fill(on.url)
    with contextlib.ExitStack() as stack:
        running = {candidate: stack.enter_context(on.start(candidate)) for candidate in CANDIDATES}
        wanted = None
        for candidate, process in running.items():
            wanted = check(on, candidate, process, wanted)
        on.restore()
        return on.cpu_side_by_side(running, operations.Requests(), operations.OPERATIONS, ROUNDS, SECONDS)


def run(command, say):
    say(f"{len(operations.OPERATIONS)} operations, {ROUNDS} rounds")
    with bench(**IN_MEMORY) as on:
        samples = measure(on)
        described = conditions.description(on, command)
    workloads = {
        operation: {
            candidate.name: {name: [sample[name] for sample in of_one] for name in ("app_ms", "postgresql_ms")}
            for candidate, of_one in by_candidate.items()
        }
        for operation, by_candidate in samples.items()
    }
    described |= {"service": SERVICE.name, "peer": FASTAPI_SQLMODEL.name, "connections": CPU_CONNECTIONS}
    return described | {"rounds": ROUNDS, "workloads": workloads}
