"""Reports the bad lines of a file. A fault of the whole file takes two lines, not a hundred."""

from collections.abc import Callable


class BadLines:
    """Bad lines that follow one another with the same fault are a run, whose fault is said once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.count = 0
        self.fault: str | None = None
        self.repeated: list[int] = []

    def add(self, number: int, fault: str) -> None:
        self.count += 1
        if fault == self.fault:
            self.repeated = [*self.repeated[:1], number]
        else:
            self.end_run()
            self.fault = fault
            self.say(f"line {number}: {fault}")

    def end_run(self) -> None:
        """For a line that is not bad, and for the end of the file."""
        if self.repeated:
            first, last = self.repeated[0], self.repeated[-1]
            self.say(f"line {first}: the same" if first == last else f"lines {first} to {last}: the same")
        self.fault, self.repeated = None, []
