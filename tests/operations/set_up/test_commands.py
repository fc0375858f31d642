"""Which Python may run run.py, and what run.py runs."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.set_up.shell import run, told
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")


def test_run_py_has_nothing_that_python_2_7_cannot_parse():
    """An old Python would answer with a syntax error. The next test runs those that are installed."""
    text = (ROOT / "run.py").read_text()
    assert text.isascii()
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom, ast.AsyncFunctionDef, ast.Match)
    nodes = list(ast.walk(ast.parse(text, feature_version=(3, 6))))
    assert not [node for node in nodes if isinstance(node, newer)]
    assert not [node for node in nodes if isinstance(node, ast.Raise) and node.cause]
    assert not [node for node in nodes if isinstance(node, ast.arguments) and (node.kwonlyargs or node.posonlyargs)]
    assert not [node for node in nodes if isinstance(node, ast.arg) and node.annotation]
    assert not [node for node in nodes if isinstance(node, ast.FunctionDef) and node.returns]
    lists = [node for node in nodes if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict))]
    assert not [node for node in lists for part in ast.iter_child_nodes(node) if isinstance(part, ast.Starred)]
    assert not [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"]


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10"])
def test_old_python_is_told_which_one_is_needed(project, version):
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    python = shutil.which(f"python{version}", path="/usr/local/bin:/usr/bin") or next(iter(installed), None)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    code, printed, complaint = run(project, python=str(python))
    assert (code, printed, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith(f"Python 3.11 or newer is needed; this is {version}.")


@pytest.mark.parametrize("words", [["start"], ["--port", "9000"], ["--here", "start"]])
def test_unknown_command_is_named_before_the_commands(project, words):
    code, printed, complaint = run(project, *words)
    assert (code, printed) == (2, "")
    first, _, commands = complaint.partition("\n\n")
    assert first == f"There is no command {words[-1] if '--here' in words else words[0]}."
    assert re.findall(r"^python3 run\.py (\w*)", commands, re.MULTILINE)[:3] == ["", "test", "check"]
    assert run(project, "--help") == (0, commands, "")
    assert not (project / ".venv").exists()


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
    answer = told(project, "--here", *arguments, VIRTUAL_ENV=str(environment))
    assert answer == [*program, str(environment), str(project)]
    assert log.read_text().endswith(f"--require-hashes -r {project / requirements}\n")


def test_check_refuses_what_it_does_not_know():
    done = subprocess.run([sys.executable, "-m", "tests.checks", "nonsense"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("error: unrecognized arguments: nonsense\n")
