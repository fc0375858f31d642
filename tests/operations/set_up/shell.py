"""`python3 run.py` in a shell that knows nothing else."""

import json
import subprocess
import sys

# Not that of an environment, which run.py would use.
PYTHON = getattr(sys, "_base_executable", sys.executable)


def run(project, *arguments, python=PYTHON, **variables):
    """The exit code, what was printed and what was complained of, by a shell without more than these variables."""
    variables = {"PATH": str(project.parent / "bin"), "HOME": str(project.parent), "PIP_NO_INDEX": "1"} | variables
    command = [python, project / "run.py", *arguments]
    done = subprocess.run(command, cwd=project.parent, env=variables, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def told(project, *arguments, **options):
    code, printed, complaints = run(project, *arguments, **options)
    assert code == 0, complaints
    return json.loads(printed)
