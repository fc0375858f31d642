"""What a token costs, as a section, as the lines that the quick run prints, and how the column is measured."""

from statistics import median

from benchmarks.machinery import tokens
from benchmarks.reports.figures import ratio, spread
from benchmarks.reports.markdown import figure, table, times

HIGHEST_RATIO = 1.05
HIGHEST_KEPT_US = 3
COLUMN = (
    'The column "with tokens" is the service with `AUTH_JWT_PUBLIC_KEY`, a JWK set of one Ed25519 key. It gets the\n'
    f"same requests, each with a token of its user: {tokens.COUNT} tokens of each kind of user in turn. The workers\n"
    "have verified them, and keep them, before anything is measured.\n"
)


def sections(measured):
    pairs = measured["pairs"]
    return [
        "### What a token costs\n",
        f"CPU of the application. {len(pairs)} pairs of services, one without tokens and one with them, are started in "
        f"sequence. The two of a pair take turns of a get for {len(pairs[0]['with_ms'])} rounds. A pair's ratio is the "
        "median of its rounds; the table has the median of the pairs, with the lowest and the highest. Verifying and "
        "looking up are measured in a process that does nothing else: calls of the service's authentication class, in "
        "their fastest pass.\n",
        table(["", "CPU", "goal"], costs(measured)),
    ]


def lines(measured):
    for what, cost, goal in costs(measured):
        yield f"{what}: {cost.replace('*', '')}{goal and f' ({goal})'}"


def costs(measured):
    """What is measured, what it costs, and the goal where there is one."""
    pairs, kept = measured["pairs"], measured["kept_us"]
    without, with_one = (median(median(pair[name]) for pair in pairs) for name in ("without_ms", "with_ms"))
    compared = spread([ratio(pair["with_ms"], pair["without_ms"]).median for pair in pairs])
    ratio_goal, kept_goal = goal(compared.median, HIGHEST_RATIO), goal(kept, HIGHEST_KEPT_US)
    return [
        ("a get without a token", f"{figure(without)} ms", ""),
        ("a get with a kept token", f"{figure(with_one)} ms, {times(compared, 3)}", ratio_goal),
        ("verifying a token never seen (EdDSA)", f"{figure(measured['verified_us'])} µs", ""),
        ("looking up a kept token", f"{figure(kept)} µs", kept_goal),
    ]


def goal(value, highest):
    return f"at most {highest}: {'reached' if value <= highest else 'missed'}"
