"""Runs `python3 run.py` as in a new shell, without the variables of this one."""

import json
import subprocess
import sys

# Not the Python of an environment: run.py would use that environment.
PYTHON = getattr(sys, "_base_executable", sys.executable)


def run(project, *arguments, python=PYTHON, **variables):
    """The exit code, stdout and stderr of run.py, with these variables and PATH, HOME and PIP_NO_INDEX only."""
    variables = {"PATH": str(project.parent / "bin"), "HOME": str(project.parent), "PIP_NO_INDEX": "1"} | variables
    command = [python, project / "run.py", *arguments]
    done = subprocess.run(command, cwd=project.parent, env=variables, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def told(project, *arguments, **options):
    code, printed, complaints = run(project, *arguments, **options)
    assert code == 0, complaints
    return json.loads(printed)
