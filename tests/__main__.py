"""Runs the suite once on SQLite and once on PostgreSQL: `python3 run.py test [pytest's arguments]`."""

import contextlib
import os
import subprocess
import sys
import tempfile

from tests.postgres import Cluster
from tests.service import SECRET_KEY


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
    """Both at once, which a second core halves the time by; what PostgreSQL's run says is shown after SQLite's."""
    with postgresql_url() as url, tempfile.TemporaryFile() as later:
        on_postgresql = start(url, sys.argv[1:], later)
        print("===== SQLite =====", flush=True)
        sqlite = start("sqlite:///db.sqlite3", sys.argv[1:]).wait()
        postgresql = on_postgresql.wait()
        later.seek(0)
        print("===== PostgreSQL =====", later.read().decode(errors="replace"), sep="\n")
    outcome = {name: "failed" if code else "passed" for name, code in (("SQLite", sqlite), ("PostgreSQL", postgresql))}
    print(", ".join(f"{name}: {word}" for name, word in outcome.items()))
    sys.exit(sqlite or postgresql)


if __name__ == "__main__":
    main()
