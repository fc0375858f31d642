"""Which Python may run run.py, and what run.py runs."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from tests.operations.set_up.shell import run, told
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")


def test_run_py_parses_on_python_3_6():
    ast.parse((ROOT / "run.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10"])
def test_old_python_is_told_which_one_is_needed(project, version):
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python3"))
    python = shutil.which(f"python{version}", path="/usr/local/bin:/usr/bin") or next(iter(installed), None)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    code, printed, complaint = run(project, python=str(python))
    assert (code, printed, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith(f"Python 3.11 or newer is needed; this is {version}.")


def test_unknown_command_is_2_and_shows_the_commands(project):
    code, printed, complaint = run(project, "start")
    assert (code, printed) == (2, "")
    assert re.findall(r"^python3 run\.py (\w*)", complaint, re.MULTILINE)[:3] == ["", "test", "check"]
    assert run(project, "--help") == (0, complaint, "")


@pytest.mark.parametrize(
    ("arguments", "requirements", "program"),
    [
        ([], "requirements.txt", ["manage.py", ["serve"]]),
        (["serve"], "requirements.txt", ["manage.py", ["serve"]]),
        (["manage", "shell", "-c", "a b"], "requirements.txt", ["manage.py", ["shell", "-c", "a b"]]),
        (["test", "-k", "a or b"], "requirements-dev.txt", ["-m tests", ["-k", "a or b"]]),
        (["check"], "requirements-dev.txt", ["-m tests.checks", []]),
    ],
)
def test_command_runs_its_program_in_the_project(project, environment, with_uv, log, arguments, requirements, program):
    answer = told(project, *arguments, VIRTUAL_ENV=str(environment))
    assert answer == [*program, str(environment), str(project)]
    assert log.read_text().endswith(f"--require-hashes -r {project / requirements}\n")
