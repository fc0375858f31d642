"""How far the database is, which decides how many requests a process does well to work at.

Near, two: one computes while the other waits, and more threads take the interpreter from each other. Far, as in
another data centre, a request mostly waits, and two at a time would leave the process idle (docs/design.md).
"""

import math
import threading

FAR_SECONDS = 0.0008
# The fastest of so many: a busy machine delays some statements, and a network delays all.
STATEMENTS = 50


class Distance:
    def __init__(self) -> None:
        self.is_far = threading.Event()
        self.fastest, self.seen = math.inf, 0

    def answered(self, seconds: float) -> None:
        """Takes note of how long the first row of a statement took. Threads may lose each other's notes."""
        self.fastest = min(self.fastest, seconds)
        self.seen += 1
        if self.seen >= STATEMENTS:
            if self.fastest > FAR_SECONDS:
                self.is_far.set()
            else:
                self.is_far.clear()
            self.fastest, self.seen = math.inf, 0


distance = Distance()
