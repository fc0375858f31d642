"""What the figures were measured on and with."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.load import wrk
from benchmarks.machinery.candidates import ROOT

PACKAGES = (
    *("django", "djangorestframework", "psycopg", "gunicorn", "orjson"),
    *("fastapi", "pydantic", "sqlmodel", "sqlalchemy", "psycopg2-binary", "asyncpg", "uvicorn", "django-ninja"),
)


def processor():
    lines = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.+)$", lines, re.MULTILINE)
    return model[1] if model else platform.machine()


def memory_gib():
    kib = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)[1]
    return int(kib) / 1024**2


def commit():
    """The service's commit, with a plus where files differ from it; nothing outside of git."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def description(on, command):
    """Of a run: `on` is the Bench with the database server, `command` what started it."""
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


def in_words(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items() if version)
    return (
        f"`{results['command']}` on {results['date']}, commit {results['commit']}: {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory']}, {machine['kernel']}; driver, application and database share "
        f"it.\n\n{versions}.\n"
    )
