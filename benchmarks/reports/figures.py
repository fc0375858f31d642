"""Medians, ratios and percentiles of samples."""

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
    """The samples in multiples of `to`, round by round: a disturbance in a round affects both of its turns."""
    return spread([sample / other if other else math.inf for sample, other in zip(samples, to, strict=True)])


def percentile(values, share):
    """The smallest measured value that `share` of all values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
