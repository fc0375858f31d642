"""A skip is a failure in CI, except for the reasons that tests/support/skips.py lists."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

# The text of each module, by its name.
SKIPS = {
    "in_a_test": "def test_it():\n    pytest.skip({reason!r})\n",
    "by_a_mark": "@pytest.mark.skipif(True, reason={reason!r})\ndef test_it():\n    pass\n",
    "in_a_fixture": "@pytest.fixture\ndef it():\n    pytest.skip({reason!r})\n\ndef test_it(it):\n    pass\n",
    "of_a_module": "pytest.skip({reason!r}, allow_module_level=True)\n",
    "without_a_module": "pytest.importorskip('no_such_module', reason={reason!r})\n",
}
AVOIDABLE = "nginx is not installed"
UNAVOIDABLE = [
    "a matter of PostgreSQL",
    "there is no Python 3.6 here",
    "this Python has no ensurepip",
    "Not installed: a (benchmarks/requirements.txt)",
    "other systems cannot do it",
]
PASSES = {"passes": "def test_it():\n    pass\n"}


@pytest.fixture
def run(tmp_path):
    """Runs pytest over modules of these texts, with the hooks and xdist only; gives its exit code and its output."""

    def run(modules, *options, **variables):
        for name, text in modules.items():
            (tmp_path / f"test_{name}.py").write_text(f"import pytest\n\n{text}")
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\naddopts = -ra -p tests.support.skips -p xdist -p no:cacheprovider\n"
        )
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        command = [sys.executable, "-m", "pytest", "-c", tmp_path / "pytest.ini", *options, tmp_path]
        variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        done = subprocess.run(command, cwd=ROOT, env=environment | variables, capture_output=True, text=True)
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("options", [[], ["-n1"]], ids=["alone", "by xdist"])
def test_skip_that_can_be_avoided_fails_in_ci(run, options):
    modules = {name: text.format(reason=AVOIDABLE) for name, text in SKIPS.items()}
    code, printed = run(modules | PASSES, "--continue-on-collection-errors", *options, CI="true")

    assert code != pytest.ExitCode.OK
    failed = re.findall(r"^(?:FAILED|ERROR) .*test_(\w+)\.py", printed, re.MULTILINE)
    assert sorted(failed) == sorted(SKIPS)
    assert printed.count(f"not to be skipped in CI: Skipped: {AVOIDABLE}") >= len(SKIPS)
    assert re.search(r"\b1 passed, ", printed)


def test_skip_that_cannot_be_avoided_is_printed_with_its_reason_in_ci(run):
    modules = {f"skips_{number}": SKIPS["in_a_test"].format(reason=reason) for number, reason in enumerate(UNAVOIDABLE)}
    code, printed = run(modules | PASSES, CI="true")

    assert code == pytest.ExitCode.OK
    skipped = re.findall(r"^SKIPPED \[1\] .*test_skips_\d\.py:4: (.*)$", printed, re.MULTILINE)
    assert sorted(skipped) == sorted(UNAVOIDABLE)


def test_every_skip_is_printed_and_none_is_a_failure_elsewhere(run):
    code, printed = run({name: text.format(reason=AVOIDABLE) for name, text in SKIPS.items()} | PASSES)

    assert code == pytest.ExitCode.OK
    assert len(re.findall(rf"^SKIPPED \[1\] .*: {AVOIDABLE}$", printed, re.MULTILINE)) == len(SKIPS)


def test_expected_failure_is_none_in_ci(run):
    code, printed = run({"later": "@pytest.mark.xfail(reason='later')\ndef test_it():\n    assert False\n"}, CI="true")

    assert code == pytest.ExitCode.OK
    assert "1 xfailed" in printed


def test_suite_itself_is_held_to_it():
    """tests/conftest.py has the hooks: pytest refuses a module that needs a browser where there is no browser."""
    [module] = ROOT.glob("tests/**/test_cors.py")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", module, "--collect-only"]
    bare = os.environ | {"CI": "true", "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)

    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "not to be skipped in CI: Skipped: chromium is not installed" in done.stdout
