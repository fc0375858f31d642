"""What a run was measured on and with: machine, commit, versions."""

import os
import platform
import re
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.load import wrk
from benchmarks.machinery.candidates import ROOT

PACKAGES = (
    *("django", "djangorestframework", "psycopg", "gunicorn", "orjson", "pyjwt", "cryptography"),
    *("fastapi", "pydantic", "sqlmodel", "sqlalchemy", "psycopg2-binary", "asyncpg", "uvicorn", "django-ninja"),
)


def processor():
    lines = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.+)$", lines, re.MULTILINE)
    return model[1] if model else platform.machine()


def memory_gib():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3


def commit():
    """The service's commit, with a plus where files differ from it; empty outside of git or without it."""
    if not shutil.which("git"):
        return ""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def description(on, command):
    """`on`: the Bench; `command`: what started the run."""
    postgresql = on.cluster.run("postgres", "--version").split()[2]
    return {
        "command": command,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit(),
        "machine": {
            "processor": processor(),
            "cores": len(os.sched_getaffinity(0)),
            "memory": f"{memory_gib():.1f} GiB",
            "kernel": f"{platform.system()} {platform.release()}",
        },
        "versions": {
            "Python": platform.python_version(),
            "PostgreSQL": postgresql,
            "wrk": wrk.version() if wrk.is_installed() else None,
        }
        | {package: version(package) for package in PACKAGES},
    }
