"""Runs `python3 run.py` as in a new shell, without the variables of this one."""

import contextlib
import json
import os
import signal
import subprocess
import sys

# Not the Python of an environment, which could not have ensurepip or pip of the system.
PYTHON = getattr(sys, "_base_executable", sys.executable)


@contextlib.contextmanager
def started(project, *arguments, python=PYTHON, around=(), **variables):
    """A process of run.py in a process group, as a shell starts it.

    It has these variables and PATH, HOME and PIP_NO_INDEX only; None leaves one of those out.
    """
    variables = {"PATH": str(project.parent / "bin"), "HOME": str(project.parent), "PIP_NO_INDEX": "1"} | variables
    environment = {name: value for name, value in variables.items() if value is not None}
    with subprocess.Popen(
        [*around, python, project / "run.py", *arguments],
        cwd=project.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def interrupt(process):
    """Ctrl-C: the terminal sends the signal to each process of the group."""
    os.killpg(process.pid, signal.SIGINT)


def run(project, *arguments, **options):
    """The exit code, stdout and stderr of run.py."""
    with started(project, *arguments, **options) as process:
        printed, complaints = process.communicate()
    return process.returncode, printed, complaints


def told(project, *arguments, **options):
    code, printed, complaints = run(project, *arguments, **options)
    assert code == 0, complaints
    return json.loads(printed)
