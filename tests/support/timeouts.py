"""Ends the process, with the stack of each thread on stderr, where a test outlives its time limit.

pytest-timeout (`timeout` in pytest.ini) raises in the test, so that its fixtures end what they have started. That takes
effect between two lines of Python. A call into C that does not return, or a fixture that never ends, needs this.
"""

import faulthandler
import os

import pytest

GRACE_SECONDS = float(os.environ.get("PYTEST_GRACE_SECONDS", 60))
stderr = pytest.StashKey()


def pytest_configure(config):
    # Not the number itself: while a test runs, it leads to a file that nobody would read.
    config.stash[stderr] = os.dup(2)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    arm(item.config)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    """Starts anew: pytest cancels the timer where a test fails, and pytest-timeout raises once only."""
    arm(item.config)


def arm(config):
    limit = float(config.getoption("timeout") or os.environ.get("PYTEST_TIMEOUT") or config.getini("timeout") or 0)
    if limit:
        faulthandler.dump_traceback_later(limit + GRACE_SECONDS, exit=True, file=config.stash[stderr])
