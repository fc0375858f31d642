"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`.

Where TEST_CITUS_URL names a database on the coordinator of a Citus cluster, the tests that its planner may treat
otherwise run there too.
"""

import contextlib
import os
import subprocess
import sys
import tempfile

from testbed.postgres import Cluster
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


def start(url, arguments, output=None):
    command = [sys.executable, "-m", "pytest", *arguments]
    # The tests bring a key: the service makes none on PostgreSQL, and on SQLite it would write one to .env here.
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    # Without bytecode each of hundreds of processes would compile the project, and each of pytest's the tests.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def main():
    """Runs both at once, which halves the time on two cores. The output of PostgreSQL's run comes after SQLite's.

    The tests that measure waits run afterwards, alone: other work on the machine would count as the service's.
    """
    arguments = sys.argv[1:]
    with postgresql_url() as url, tempfile.TemporaryFile() as later:
        on_postgresql = start(url, arguments or IN_PROCESSES, later)
        print("===== SQLite =====", flush=True)
        sqlite = start(SQLITE_URL, arguments or IN_PROCESSES).wait()
        postgresql = on_postgresql.wait()
        later.seek(0)
        print("===== PostgreSQL =====", later.read().decode(errors="replace"), sep="\n")
    outcomes = {"SQLite": OUTCOMES.get(sqlite, "failed"), "PostgreSQL": OUTCOMES.get(postgresql, "failed")}
    if citus_url := os.environ.get("TEST_CITUS_URL", "").strip():
        print("===== Citus =====", flush=True)
        outcomes["Citus"] = OUTCOMES.get(start(citus_url, arguments or ON_CITUS).wait(), "failed")
    if not arguments:
        print("===== On a quiet machine =====", flush=True)
        outcomes["alone"] = OUTCOMES.get(start(SQLITE_URL, ["-m", "alone"]).wait(), "failed")
    print(", ".join(f"{name}: {outcome}" for name, outcome in outcomes.items()))
    # One run may have nothing to do: tests that need no particular database are in one of the runs only.
    sys.exit("failed" in outcomes.values() or "passed" not in outcomes.values())


if __name__ == "__main__":
    main()
