"""What the parts of a soak found out."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """The sum of some runs under load; what should be 0 is in `wrong`, `noticed` and `statuses[500]`."""

    times: int = 0
    requests: int = 0
    acknowledged: int = 0
    wrong: int = 0
    noticed: int = 0
    recovery: float = 0.0
    statuses: Counter = field(default_factory=Counter)

    def add(self, load, noticed=0, recovery=0.0):
        self.times += 1
        self.requests += len(load.operations)
        self.acknowledged += load.acknowledged_writes
        self.wrong += len(load.wrong())
        self.noticed += noticed
        self.recovery = max(self.recovery, recovery)
        self.statuses += Counter(status for _, status, *_ in load.operations)
        return self

    def __add__(self, other):
        return Figures(
            self.times + other.times,
            self.requests + other.requests,
            self.acknowledged + other.acknowledged,
            self.wrong + other.wrong,
            self.noticed + other.noticed,
            max(self.recovery, other.recovery),
            self.statuses + other.statuses,
        )

    @property
    def is_good(self):
        return not (self.wrong or self.noticed or self.statuses[500])
