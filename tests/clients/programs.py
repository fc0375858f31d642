"""Runs programs that are not part of the service."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run(*command, cwd, **environment):
    """Returns what the program prints. If the program fails, the test fails and shows all that was printed."""
    # The generator formats with ruff. This finds the ruff beside this Python, even if its environment is not active.
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | path | environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
