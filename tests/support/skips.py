"""In CI a skip is a failure, unless the machine cannot have what the test needs. Each such reason is listed here.

Elsewhere a program may be missing. Then `run.py test` names its Debian package at the end.
"""

import os
import re

import pytest

UNAVOIDABLE = re.compile(
    "|".join(
        [
            # The other of the two runs has that database.
            r".*\b(SQLite|PostgreSQL)\b.*",
            # There is no such cluster on the machines that run the suite. It needs three servers and an extension.
            r"TEST_CITUS_URL names no coordinator of Citus",
            r"there is no Python 3\.\d+ here",
            r"this Python has no ensurepip",
            # The alternatives have their own environment, and `run.py bench` compares their answers before it measures.
            r"Not installed: .*\(benchmarks/requirements\.txt\)",
            # Systems other than Linux.
            r"other systems cannot do it",
        ]
    )
)

# What `not_installed` says, in a line of pytest's summary: `SKIPPED [2] tests/…: …`
SKIPPED = re.compile(r"SKIPPED \[(\d+)\] .*\(Debian: apt install (.+)\)")


def not_installed(program, packages):
    """The reason of a skip."""
    return f"{program} is not installed (Debian: apt install {packages})"


def packages(line):
    """How many tests or files a line of pytest's summary says to be skipped, by the packages that they need."""
    return {match[2]: int(match[1])} if (match := SKIPPED.search(line)) else {}


def sentence(counts):
    total, needed = sum(counts.values()), sorted({name for packages in counts for name in packages.split()})
    return (
        f"{total} {'test or file was' if total == 1 else 'tests or files were'} skipped, because programs are not "
        f"installed. On Debian: apt install {' '.join(needed)}"
    )


def without_avoidable_skip(report):
    # An expected failure counts as skipped too.
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        path, line, reason = report.longrepr
        if not UNAVOIDABLE.fullmatch(reason.removeprefix("Skipped: ")):
            report.outcome, report.longrepr = "failed", f"{path}:{line}: not to be skipped in CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return without_avoidable_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return without_avoidable_skip((yield))
