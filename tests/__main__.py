"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`.

Where TEST_CITUS_URL names a database on the coordinator of a Citus cluster, the tests that its planner may treat
otherwise run there too.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections import Counter

from testbed.postgres import Cluster
from tests.support import skips
from tests.support.service import SECRET_KEY

# Tests of faults mostly wait. Three processes for each database keep two cores busy.
TOGETHER = ["--dist=loadfile", "-m", "not alone"]
IN_PROCESSES = ["-n3", *TOGETHER]
SQLITE_URL = "sqlite:///db.sqlite3"
ON_CITUS = ["-n2", *TOGETHER, "tests/api", "tests/commands", "tests/admin"]
OUTCOMES = {0: "passed", 5: "nothing to run"}


@contextlib.contextmanager
def postgresql_url():
    if url := os.environ.get("TEST_DATABASE_URL", "").strip():
        yield url
    else:
        # A crash of the machine may lose what these tests write. The tests of faults start their own clusters.
        with Cluster(fsync="off", synchronous_commit="off", full_page_writes="off") as cluster:
            yield cluster.url()


class Run:
    """A run of pytest. Each line that it prints appears at once, behind the name of the run."""

    def __init__(self, name, url, arguments):
        command = [sys.executable, "-m", "pytest", *arguments]
        # The tests bring a key: the service makes none on PostgreSQL, and on SQLite it would write one to .env here.
        environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
        # Without bytecode each of hundreds of processes would compile the project, and each of pytest's the tests.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.name, self.skipped = name, Counter()
        self.process = subprocess.Popen(command, env=environment, **pipes)
        self.printing = threading.Thread(target=self.print_lines)
        self.printing.start()

    def print_lines(self):
        for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip()
            self.skipped.update(skips.packages(text))
            print(f"{self.name:10} | {text}", flush=True)

    def outcome(self):
        """Waits for the end."""
        code = self.process.wait()
        self.printing.join()
        return OUTCOMES.get(code, "failed")


def main():
    """Runs both at once, which halves the time on two cores.

    The tests that measure waits run afterwards, alone: other work on the machine would count as the service's.
    """
    arguments = sys.argv[1:]
    with postgresql_url() as url:
        runs = [Run("SQLite", SQLITE_URL, arguments or IN_PROCESSES), Run("PostgreSQL", url, arguments or IN_PROCESSES)]
        outcomes = {run.name: run.outcome() for run in runs}
    if citus_url := os.environ.get("TEST_CITUS_URL", "").strip():
        runs.append(Run("Citus", citus_url, arguments or ON_CITUS))
        outcomes["Citus"] = runs[-1].outcome()
    if not arguments:
        runs.append(Run("alone", SQLITE_URL, ["-m", "alone"]))
        outcomes["alone"] = runs[-1].outcome()
    if skipped := sum((run.skipped for run in runs), Counter()):
        print(skips.sentence(skipped))
    print(", ".join(f"{name}: {outcome}" for name, outcome in outcomes.items()))
    # One run may have nothing to do: tests that need no particular database are in one of the runs only.
    sys.exit("failed" in outcomes.values() or "passed" not in outcomes.values())


if __name__ == "__main__":
    main()
