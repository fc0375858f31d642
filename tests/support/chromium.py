"""Debian's chromium, driven by playwright. A module that imports this is skipped where chromium is missing."""

import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

from tests.support.missing import not_installed

PROGRAM = shutil.which("chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

if not PROGRAM:
    pytest.skip(not_installed("chromium", "chromium"), allow_module_level=True)


@contextmanager
def chromium(*arguments):
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=PROGRAM, args=[*ARGUMENTS, *arguments]) as browser,
    ):
        yield browser
