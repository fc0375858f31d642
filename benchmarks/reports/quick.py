"""The quick run, as a section and as the lines that it prints."""

from statistics import median

from benchmarks.reports import token_cost
from benchmarks.reports.conditions import in_words
from benchmarks.reports.figures import ratio
from benchmarks.reports.markdown import figure, table, times


def sections(results):
    rows = [[operation, *map(figure, medians), times(spread)] for operation, medians, spread in compared(results)]
    head = ["", *(column for name in applications(results) for column in (name, "PostgreSQL")), "ratio"]
    return [
        "## The quick run\n",
        in_words(results),
        f"CPU milliseconds a request of the application and of PostgreSQL, medians of {results['rounds']} rounds with "
        f"{results['connections']} connections. The ratio compares the peer with the service without tokens, with the "
        "lowest and the highest round.\n",
        token_cost.COLUMN,
        table(head, rows),
        *token_cost.sections(results["tokens"]),
    ]


def lines(results):
    yield f"CPU milliseconds a request, medians of {results['rounds']} rounds, {results['connections']} connections"
    yield f"{'':16}" + "".join(f"{name:>20}{'PostgreSQL':>12}" for name in applications(results)) + f"{'ratio':>8}"
    for operation, medians, spread in compared(results):
        pairs = zip(medians[::2], medians[1::2], strict=True)
        figures = "".join(f"{application:20.3f}{database:12.3f}" for application, database in pairs)
        yield f"{operation:16}{figures}{spread.median:8.1f}  ({spread.low:.1f} to {spread.high:.1f})"
    yield from token_cost.lines(results["tokens"])


def compared(results):
    """By operation: the medians of each application and its PostgreSQL, and the peer's ratio to the service."""
    for operation, by_name in results["workloads"].items():
        measured = [by_name[application] for application in applications(results)]
        medians = [median(samples[name]) for samples in measured for name in ("app_ms", "postgresql_ms")]
        yield operation, medians, ratio(by_name[results["peer"]]["app_ms"], by_name[results["service"]]["app_ms"])


def applications(results):
    return results["service"], results["with_tokens"], results["peer"]
