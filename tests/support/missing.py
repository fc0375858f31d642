"""Says in one line, after all else, which programs the machine lacks and how many tests were skipped for it."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

# What `not_installed` says.
PACKAGES = re.compile(r"\(Debian: apt install (.+)\)")
# `python3 run.py test` names a file here, because it prints one line for all of its runs.
FILE = "PYTEST_MISSING_FILE"
skipped = Counter()


def not_installed(program, packages):
    """The reason of a skip."""
    return f"{program} is not installed (Debian: apt install {packages})"


def count(report, kind):
    if report.skipped and isinstance(report.longrepr, tuple) and (found := PACKAGES.search(report.longrepr[2])):
        skipped[found[1], kind] += 1


def pytest_runtest_logreport(report):
    count(report, "test")


def pytest_collectreport(report):
    count(report, "module")


def line(counts):
    """The sentence, or nothing where nothing is missing."""
    if not counts:
        return ""
    sums = {kind: sum(n for (_, each), n in counts.items() if each == kind) for kind in ("test", "module")}
    words = [f"{n} {kind}{'s' * (n > 1)}" for kind, n in sums.items() if n]
    missing = sorted({package for packages, _ in counts for package in packages.split()})
    verb = "was" if sum(sums.values()) == 1 else "were"
    needed = " ".join(missing)
    return f"{' and '.join(words)} {verb} skipped, because programs are missing. On Debian: apt install {needed}"


def of_runs(file):
    """What all runs have written into the file."""
    total = Counter()
    for text in file.read_text().splitlines():
        total.update({(package, kind): number for package, kind, number in json.loads(text)})
    return total


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    if hasattr(config, "workerinput") or not skipped:
        return
    if name := os.environ.get(FILE):
        with Path(name).open("a") as file:
            file.write(json.dumps([[*key, number] for key, number in skipped.items()]) + "\n")
    else:
        print(line(skipped))
