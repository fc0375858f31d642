"""The quick run, as a section and as the lines that it prints."""

from statistics import median

from benchmarks.reports.conditions import in_words
from benchmarks.reports.figures import ratio
from benchmarks.reports.markdown import figure, table, times


def sections(results):
    rows = [[operation, *map(figure, medians), times(spread)] for operation, medians, spread in compared(results)]
    return [
        "## The quick run\n",
        in_words(results),
        f"CPU milliseconds a request of the application and of PostgreSQL, medians of {results['rounds']} rounds with "
        f"{results['connections']} connections. The ratio compares the applications, with the lowest and the highest "
        "round.\n",
        table(["", results["service"], "PostgreSQL", results["peer"], "PostgreSQL", "ratio"], rows),
    ]


def lines(results):
    yield f"CPU milliseconds a request, medians of {results['rounds']} rounds, {results['connections']} connections"
    yield f"{'':12}{results['service']:>14}{'PostgreSQL':>12}{results['peer']:>22}{'PostgreSQL':>12}{'ratio':>8}"
    for operation, (own, own_database, other, others_database), spread in compared(results):
        yield (
            f"{operation:12}{own:14.3f}{own_database:12.3f}{other:22.3f}{others_database:12.3f}"
            f"{spread.median:8.1f}  ({spread.low:.1f} to {spread.high:.1f})"
        )


def compared(results):
    """By operation: four medians, the service's two and then the peer's, and the ratio of the applications."""
    for operation, by_name in results["workloads"].items():
        ours, theirs = by_name[results["service"]], by_name[results["peer"]]
        medians = [median(samples[name]) for samples in (ours, theirs) for name in ("app_ms", "postgresql_ms")]
        yield operation, medians, ratio(theirs["app_ms"], ours["app_ms"])
