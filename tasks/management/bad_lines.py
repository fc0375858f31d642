"""Reports the bad lines of a file. A fault of the whole file takes two lines, not a hundred."""

from collections.abc import Callable


class BadLines:
    """Bad lines that follow one another with the same fault are a run, whose fault is said once.

    `unit` is what the numbers count: lines, or tasks where a file is not made of lines.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.unit = "line"
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
            self.say(f"{self.unit} {number}: {fault}")

    def end_run(self) -> None:
        """For a line that is not bad, and for the end of the file."""
        if self.repeated:
            first, last = self.repeated[0], self.repeated[-1]
            which = f"{self.unit} {first}" if first == last else f"{self.unit}s {first} to {last}"
            self.say(f"{which}: the same")
        self.fault, self.repeated = None, []
