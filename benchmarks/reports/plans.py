"""The run on plans, as a section."""

from statistics import median

from benchmarks.reports.conditions import in_words
from benchmarks.reports.figures import Spread
from benchmarks.reports.markdown import figure, table, times

WAYS = ("before", "now", "unnamed")


def sections(results):
    spent = [
        [
            operation,
            *(figure(median(by_way[way]), 2) for way in WAYS),
            *(times(Spread(**results["beside"][operation][way])) for way in ("now", "unnamed")),
        ]
        for operation, by_way in results["spent"].items()
    ]
    counted = [
        [
            operation,
            *(
                ", ".join(f"{generic} + {custom}" for generic, custom in by_place.values())
                for by_place in by_way.values()
            ),
        ]
        for operation, by_way in results["plans"].items()
    ]
    ways = [*next(iter(results["plans"].values()))]
    return [
        "## Statements and their plans\n",
        in_words(results),
        "CPU milliseconds that PostgreSQL spends on a statement, sent by pgbench: with the predicates of the first "
        "version, as it is now, and now but unnamed, as through a pooler that loses prepared statements. Medians of "
        f"{results['rounds']} rounds. In bold what it costs beside the first version, with the lowest and the highest "
        "round.\n",
        table(["", "before", "now", "unnamed", "now / before", "unnamed / before"], spent),
        f"Plans for any values + plans for the values of one execution, of {results['executions']} executions, for a "
        "user whose name sorts first, in the middle and last.\n",
        table(["", *ways], counted),
    ]
