"""Figures of what happened under load, and their sums."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """`wrong` counts tasks that differ from the answers; `failed`, what should not have failed (None: all may fail)."""

    times: int = 0
    requests: int = 0
    acknowledged: int = 0
    wrong: int = 0
    failed: int | None = 0
    recovery: float = 0.0
    statuses: Counter = field(default_factory=Counter)

    @classmethod
    def of(cls, load, failed, recovery=0.0):
        statuses = Counter(status for _, status, *_ in load.operations)
        return cls(1, statuses.total(), load.acknowledged_writes, len(load.wrong()), failed, recovery, statuses)

    def __add__(self, other):
        return Figures(
            self.times + other.times,
            self.requests + other.requests,
            self.acknowledged + other.acknowledged,
            self.wrong + other.wrong,
            None if other.failed is None else (self.failed or 0) + other.failed,
            max(self.recovery, other.recovery),
            self.statuses + other.statuses,
        )

    @property
    def is_good(self):
        return not (self.wrong or self.failed or self.statuses[500])
