"""Tables in Markdown, and the figures in their cells."""

import math
from statistics import median

from benchmarks.reports.figures import ratio


def table(head, rows):
    """The first column is a name, the others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def figure(value, digits=3):
    """Rounded to this many significant digits: 0.0123, 1.23, 123, 12,300."""
    if value == 0:
        return "0"
    if math.isinf(value):
        return "∞"
    rounded = float(f"{value:.{digits}g}")
    before_the_point = math.floor(math.log10(abs(rounded))) + 1
    return f"{rounded:,.{max(0, digits - before_the_point)}f}"


def times(spread, digits=2):
    """A ratio with its lowest and its highest round."""
    return f"**{figure(spread.median, digits)}** ({figure(spread.low, 2)} to {figure(spread.high, 2)})"


def share(value):
    return f"{value:.0%}"


def compared(workloads, names, samples, *, digits=3, is_rate=False):
    """A table of medians. `names`: the service, then its peers; `samples`: picks the rounds from a workload's figures.

    The service is ahead of a peer by what it costs less, or where `is_rate` by what it does more.
    """
    service, *peers = names

    def cell(by_name, peer):
        ours, theirs = samples(by_name[service]), samples(by_name[peer])
        return f"{figure(median(theirs), digits)}, {times(ratio(ours, theirs) if is_rate else ratio(theirs, ours))}"

    lines = [
        [workload, figure(median(samples(by_name[service])), digits), *(cell(by_name, peer) for peer in peers)]
        for workload, by_name in workloads.items()
    ]
    return table(["", *names], lines)
