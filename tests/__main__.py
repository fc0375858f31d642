"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`."""

import contextlib
import os
import subprocess
import sys

from tests.postgres import Cluster


@contextlib.contextmanager
def postgresql_url():
    if url := os.environ.get("TEST_DATABASE_URL", "").strip():
        yield url
    else:
        # What these tests write may be lost in a crash of the machine; the tests of faults have clusters of their own.
        with Cluster(fsync="off", synchronous_commit="off", full_page_writes="off") as cluster:
            yield cluster.url()


def run(name, url, arguments):
    print(f"\n===== {name} =====", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


def main():
    arguments = sys.argv[1:]
    codes = [run("SQLite", "sqlite:///db.sqlite3", arguments)]
    with postgresql_url() as url:
        codes.append(run("PostgreSQL", url, arguments))
    print(f"\nSQLite: {'passed' if not codes[0] else 'failed'}, PostgreSQL: {'passed' if not codes[1] else 'failed'}")
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
