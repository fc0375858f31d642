"""What a token costs: a get with one that the service has kept, beside a get without, and the check by itself."""

from benchmarks.load import verification
from benchmarks.machinery.candidates import SERVICE, WITH_TOKENS

WORKLOAD = "get"
# Of one pair of services. Two that are alike differ by some percent for as long as they run, so one pair is not enough.
# Turns are short: what else runs on the machine has little time to change between the two of a round.
ROUNDS = 15
SECONDS = 0.2


def measure(on, requests, pairs):
    """`pairs`: how many times the two services are started anew."""
    order = [SERVICE, WITH_TOKENS]
    found = [pair(on, requests, order[:: -1 if number % 2 else 1]) for number in range(pairs)]
    return {"pairs": found} | verification.measured(on.url)


def pair(on, requests, order, rounds=ROUNDS):
    """The CPU milliseconds of each round, without a token and with one. `order`: which of the two starts first."""
    with on.start(order[0]) as first, on.start(order[1]) as second:
        running = dict(zip(order, (first, second), strict=True))
        samples = on.cpu_side_by_side(running, requests, [WORKLOAD], rounds, SECONDS)[WORKLOAD]
    without, with_tokens = ([sample["app_ms"] for sample in samples[candidate]] for candidate in (SERVICE, WITH_TOKENS))
    return {"without_ms": without, "with_ms": with_tokens}
