"""In CI a skip is a failure, unless the machine cannot have what the test needs. Each such reason is listed here."""

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
