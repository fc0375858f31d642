"""From samples to figures."""

import math
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median over rounds, with the lowest and the highest round."""

    median: float
    low: float
    high: float


def spread(values):
    return Spread(median(values), min(values), max(values))


def ratio(samples, to):
    """How many times `to` the samples are, round by round: what disturbs one turn of a round disturbs the other too."""
    return spread([sample / other if other else math.inf for sample, other in zip(samples, to, strict=True)])


def rotated(values, places):
    """A list of them that begins with another one each time, so that none is always first."""
    values = list(values)
    first = places % len(values)
    return values[first:] + values[:first]


def percentile(values, share):
    """The least value that `share` of all values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
