"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`.

Where TEST_CITUS_URL names a database on the coordinator of a Citus cluster, the tests that its planner may treat
otherwise run there too.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from testbed.postgres import Cluster
from testbed.processes import adopt_orphans, children, descendants, reap, send
from tests.support import missing
from tests.support.isolation import isolated

# Tests of faults mostly wait. Three processes for each database keep two cores busy.
TOGETHER = ["--dist=loadfile", "-m", "not alone"]
IN_PROCESSES = ["-n3", *TOGETHER]
SQLITE_URL = "sqlite:///db.sqlite3"
ON_CITUS = ["-n2", *TOGETHER, "tests/api", "tests/commands", "tests/admin"]
OUTCOMES = {0: "passed", 5: "nothing to run"}
INTERRUPTED = 130


@contextlib.contextmanager
def postgresql_url():
    if url := os.environ.get("TEST_DATABASE_URL", "").strip():
        yield url
    else:
        # A crash of the machine may lose what these tests write. The tests of faults start their own clusters.
        with Cluster(fsync="off", synchronous_commit="off", full_page_writes="off") as cluster:
            yield cluster.url()


class Run:
    """One run of pytest. Each line that it prints has the run's name in front, because two run at once."""

    def __init__(self, name, url, arguments, file):
        self.name = name
        colors = ["--color=yes"] if sys.stdout.isatty() and "NO_COLOR" not in os.environ else []
        command = [sys.executable, "-m", "pytest", *colors, *arguments]
        environment = isolated(os.environ) | {"DATABASE_URL": url, missing.FILE: str(file)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.show, daemon=True)
        self.reader.start()

    def show(self):
        for text in self.process.stdout:
            sys.stdout.buffer.write(f"{self.name:<10} | ".encode() + text)
            sys.stdout.buffer.flush()

    def outcome(self):
        code = self.process.wait()
        # What a test that was ended has left behind may hold the pipe open.
        self.reader.join(timeout=5)
        return OUTCOMES.get(code, "failed")


def end_what_is_left(kept):
    """Kills what has lost its parent or still runs, but for the server of this run."""
    left = [pid for child in set(children(os.getpid())) - kept for pid in [child, *descendants(child)]]
    send(signal.SIGKILL, left)
    for pid in left:
        reap(pid)


def outcomes(arguments, file):
    """Runs both databases at once, which halves the time on two cores.

    The tests that measure waits run afterwards, alone: other work on the machine would count as the service's.
    """
    with postgresql_url() as url:
        kept = set(children(os.getpid()))
        try:
            runs = [Run(*run, arguments or IN_PROCESSES, file) for run in (("PostgreSQL", url), ("SQLite", SQLITE_URL))]
            found = {run.name: run.outcome() for run in runs}
            end_what_is_left(kept)
            if citus_url := os.environ.get("TEST_CITUS_URL", "").strip():
                found["Citus"] = Run("Citus", citus_url, arguments or ON_CITUS, file).outcome()
            if not arguments:
                found["alone"] = Run("alone", SQLITE_URL, ["-m", "alone"], file).outcome()
            return found
        finally:
            end_what_is_left(kept)


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "missing")
        file.touch()
        try:
            found = outcomes(sys.argv[1:], file)
        except KeyboardInterrupt:
            print("Interrupted. All that the tests had started is ended.", file=sys.stderr)
            sys.exit(INTERRUPTED)
        if skips := missing.line(missing.of_runs(file)):
            print(skips)
    print(", ".join(f"{name}: {outcome}" for name, outcome in found.items()))
    # One run may have nothing to do: tests that need no particular database are in one of the runs only.
    sys.exit("failed" in found.values() or "passed" not in found.values())


if __name__ == "__main__":
    main()
