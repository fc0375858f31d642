"""`--quick`, for a developer before and after a change: CPU a request against FastAPI + SQLModel, in under a minute."""

import contextlib
from statistics import median

from benchmarks.load import operations
from benchmarks.load.bench import CPU_CONNECTIONS, bench, check
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import FASTAPI_SQLMODEL, SERVICE
from benchmarks.reports.figures import ratio
from benchmarks.reports.markdown import figure, table, times
from benchmarks.runs import conditions as machine
from benchmarks.runs.conditions import in_words

# Each sample is compared with the peer's of the same second: what else the machine does falls on both.
ROUNDS = 5
SECONDS = 0.3
CANDIDATES = (SERVICE, FASTAPI_SQLMODEL)
# Waiting for a disk costs no CPU, and makes what is counted vary.
IN_MEMORY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def measure():
    """By operation and candidate, the samples of the rounds."""
    with bench(**IN_MEMORY) as on, contextlib.ExitStack() as stack:
        dataset.fill(on.url)
        running = {candidate: stack.enter_context(on.start(candidate)) for candidate in CANDIDATES}
        wanted = None
        for candidate, process in running.items():
            wanted = check(on, candidate, process, wanted)
        on.restore()
        samples = on.cpu_side_by_side(running, operations.Requests(), operations.OPERATIONS, ROUNDS, SECONDS)
        return samples, machine.description(on, "python3 run.py bench --quick")


def run():
    samples, described = measure()
    print(f"CPU milliseconds a request, the median of {ROUNDS} rounds, with {CPU_CONNECTIONS} connections")
    print(f"{'':12}{'this service':>14}{'PostgreSQL':>12}{FASTAPI_SQLMODEL.name:>22}{'PostgreSQL':>12}{'ratio':>8}")
    for operation in operations.OPERATIONS:
        ours, theirs = samples[operation].values()
        times = ratio(figures(theirs, "app_ms"), figures(ours, "app_ms"))
        print(
            f"{operation:12}{median(figures(ours, 'app_ms')):14.3f}{median(figures(ours, 'postgresql_ms')):12.3f}"
            f"{median(figures(theirs, 'app_ms')):22.3f}{median(figures(theirs, 'postgresql_ms')):12.3f}"
            f"{times.median:8.1f}  ({times.low:.1f} to {times.high:.1f})"
        )

    workloads = {
        operation: {
            candidate.name: {name: figures(samples[operation][candidate], name) for name in ("app_ms", "postgresql_ms")}
            for candidate in CANDIDATES
        }
        for operation in operations.OPERATIONS
    }
    return {**described, "service": SERVICE.name, "rounds": ROUNDS, "workloads": workloads}


def sections(results):
    """The page's, where there was no full run."""
    rows = []
    for workload, (ours, theirs) in ((name, by_name.values()) for name, by_name in results["workloads"].items()):
        cells = [figure(median(figures[name])) for figures in (ours, theirs) for name in ("app_ms", "postgresql_ms")]
        rows.append([workload, *cells, times(ratio(theirs["app_ms"], ours["app_ms"]))])
    head = ["", "this service", "PostgreSQL", FASTAPI_SQLMODEL.name, "PostgreSQL", "ratio"]
    return [
        "## The quick run\n",
        in_words(results),
        f"CPU milliseconds a request of the application and of PostgreSQL, the median of {results['rounds']} rounds "
        f"with {CPU_CONNECTIONS} connections; the ratio is of the applications', its median and its spread.\n",
        table(head, rows),
    ]


def figures(samples, name):
    return [sample[name] for sample in samples]
