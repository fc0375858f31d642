"""What /proc shows of a process: those below it, CPU time, memory, threads and open files; and its end. Linux only."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36


def exists(pid: int) -> bool:
    """False also for a process that has ended, while its parent has not yet read its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """The processes that it has started, without the descendants of these. Empty where it is gone."""
    found: list[int] = []
    # The process, or one of its threads, may end between two of these lines.
    with contextlib.suppress(FileNotFoundError):
        for thread in threads(pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    direct = children(pid)
    return direct + [further for child in direct for further in descendants(child)]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


def threads(pid: int) -> set[int]:
    return set(map(int, os.listdir(f"/proc/{pid}/task")))


# Their end


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose parent ends, so that it can read their status.

    A server in the background is one of them. In a container process 1 may read no status, and a killed server would
    look alive to its own programs.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def send(number: int, pids: Iterable[int]) -> None:
    """Sends the signal to those that have not ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def reap(pid: int) -> None:
    """Waits until the process has ended. `subprocess` must not have started it: it would miss the status."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    while exists(pid):
        time.sleep(0.01)


def kill_tree(process: subprocess.Popen[Any]) -> None:
    """Sends SIGKILL to the process and its descendants, and waits for their end."""
    # Otherwise it might start another one after they are listed.
    send(signal.SIGSTOP, [process.pid] if process.poll() is None else [])
    below = descendants(process.pid)
    send(signal.SIGKILL, [process.pid, *below] if process.poll() is None else below)
    process.wait()
    for pid in below:
        reap(pid)


# CPU time


def cpu_ticks(pid: int) -> int:
    """Its user and system time, and those of its ended children. 0 where the process is gone."""
    try:
        # The name in parentheses may contain anything. Only numbers follow it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, fields[11:15]))


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and its descendants, ended ones included."""
    return sum(map(cpu_ticks, [pid, *descendants(pid)])) / os.sysconf("SC_CLK_TCK")


def settle(pid: int, pause: float = 0.02, limit: float = 10.0) -> float:
    """Waits until the CPU time stops growing, and gives it, so that work after the last answer is counted too."""
    deadline, before = time.monotonic() + limit, -1.0
    while time.monotonic() < deadline and before != (before := cpu_seconds(pid)):
        time.sleep(pause)
    return before


# Memory


def kib(pid: int, file: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text(), re.MULTILINE)
    if not found:
        raise LookupError(f"{file} of process {pid} has no {name}")
    return int(found[1])


def pss_bytes(pid: int) -> int:
    """Proportional set size: a page that n processes share counts as an n-th of it."""
    return kib(pid, "smaps_rollup", "Pss") * 1024


def rss_bytes(pid: int) -> int:
    return kib(pid, "status", "VmRSS") * 1024


def peak_rss_bytes(pid: int) -> int:
    """The largest RSS since the process started, or since `reset_peak_rss`."""
    return kib(pid, "status", "VmHWM") * 1024


def reset_peak_rss(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def mapped_files(pid: int) -> set[Path]:
    lines = [line.split(maxsplit=5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    return {Path(fields[5]) for fields in lines if len(fields) == 6}


# Open files


def descriptors(pid: int) -> set[int]:
    return set(map(int, os.listdir(f"/proc/{pid}/fd")))


def is_socket(pid: int, descriptor: int) -> bool:
    """False also where the descriptor was closed after it was listed."""
    try:
        return os.readlink(f"/proc/{pid}/fd/{descriptor}").startswith("socket:")
    except FileNotFoundError:
        return False
