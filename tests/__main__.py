"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`."""

import contextlib
import os
import subprocess
import sys
import tempfile

from testbed.postgres import Cluster
from tests.support.service import SECRET_KEY

# Faults are mostly waited for, PostgreSQL's above all: several processes wait at the same time.
TOGETHER = ["--dist=loadfile", "-m", "not alone"]
IN_PROCESSES = {"SQLite": ["-n2", *TOGETHER], "PostgreSQL": ["-n3", *TOGETHER]}
SQLITE_URL = "sqlite:///db.sqlite3"
OUTCOMES = {0: "passed", 5: "nothing to run"}


@contextlib.contextmanager
def postgresql_url():
    if url := os.environ.get("TEST_DATABASE_URL", "").strip():
        yield url
    else:
        # What these tests write may be lost in a crash of the machine; the tests of faults have clusters of their own.
        with Cluster(fsync="off", synchronous_commit="off", full_page_writes="off") as cluster:
            yield cluster.url()


def start(url, arguments, output=None):
    command = [sys.executable, "-m", "pytest", *arguments]
    # A key of the tests' own: on PostgreSQL none is made, and on SQLite it would be written to the checkout's .env.
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def main():
    """Both at once, which a second core halves the time by; what PostgreSQL's run says is shown after SQLite's.

    Tests of how long somebody waits run afterwards: what else the machine does would be taken for the service's.
    """
    arguments = sys.argv[1:]
    with postgresql_url() as url, tempfile.TemporaryFile() as later:
        on_postgresql = start(url, arguments or IN_PROCESSES["PostgreSQL"], later)
        print("===== SQLite =====", flush=True)
        sqlite = start(SQLITE_URL, arguments or IN_PROCESSES["SQLite"]).wait()
        postgresql = on_postgresql.wait()
        later.seek(0)
        print("===== PostgreSQL =====", later.read().decode(errors="replace"), sep="\n")
    outcomes = {"SQLite": OUTCOMES.get(sqlite, "failed"), "PostgreSQL": OUTCOMES.get(postgresql, "failed")}
    if not arguments:
        print("===== On a quiet machine =====", flush=True)
        outcomes["alone"] = OUTCOMES.get(start(SQLITE_URL, ["-m", "alone"]).wait(), "failed")
    print(", ".join(f"{name}: {outcome}" for name, outcome in outcomes.items()))
    # Tests in which no database plays a part are in one of the runs alone.
    sys.exit("failed" in outcomes.values() or "passed" not in outcomes.values())


if __name__ == "__main__":
    main()
