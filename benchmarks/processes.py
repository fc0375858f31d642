"""What /proc tells of a process and of those it has started: CPU time and memory."""

import os
import re
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def children(pid):
    """All processes below it."""
    try:
        files = list(Path(f"/proc/{pid}/task").glob("*/children"))
        direct = [int(child) for file in files for child in file.read_text().split()]
    except FileNotFoundError:
        return []
    return direct + [further for child in direct for further in children(child)]


def times(pid):
    """Its user and system time, and those of its ended children, in ticks."""
    try:
        # The name in parentheses may hold anything; what follows it is numbers.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, fields[11:15]))


def cpu_seconds(pid):
    """CPU time spent so far by a process and all it has started, ended ones included."""
    return sum(times(process) for process in [pid, *children(pid)]) / TICKS_PER_SECOND


def settle(pid, pause=0.02, limit=10.0):
    """Waits until nothing is computed any more, so that work after the last answer is counted where it belongs."""
    deadline, before = time.monotonic() + limit, None
    while time.monotonic() < deadline and before != (before := cpu_seconds(pid)):
        time.sleep(pause)
    return before


def workers(pid):
    """The processes that serve: not the master, nor the one that multiprocessing keeps for its own."""
    commands = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children(pid)}
    return [child for child, command in commands.items() if b"resource_tracker" not in command]


def pss_bytes(pid):
    """Proportional set size: a page that n processes share counts as an n-th of it."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1]) * 1024
