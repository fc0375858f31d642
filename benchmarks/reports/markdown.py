"""Tables of Markdown, and figures as they stand in them."""

import math


def table(head, rows):
    """The first column is a name, the others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def figure(value, digits=3):
    """With so many digits that count: 0.0123, 1.23, 123, 12,300."""
    if value == 0:
        return "0"
    if math.isinf(value):
        return "∞"
    rounded = float(f"{value:.{digits}g}")
    before_the_point = math.floor(math.log10(abs(rounded))) + 1
    return f"{rounded:,.{max(0, digits - before_the_point)}f}"


def times(spread, digits=2):
    """A ratio with its rounds."""
    return f"**{figure(spread.median, digits)}** ({figure(spread.low, 2)} to {figure(spread.high, 2)})"


def share(value):
    return f"{value:.0%}"
