"""Runs programs that are not part of the service, and installs those from npm.

They are in a folder of the Python environment. Its name is a hash of the lock file. Without Node.js or a network their
tests are skipped, which fails them in CI (tests/support/skips.py).
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
NEEDED_NODE = (20, 19)


def run(*command, cwd, **environment):
    """Returns what the program prints. If the program fails, the test fails and shows all that was printed."""
    # The generator formats with ruff. This finds the ruff beside this Python, even if its environment is not active.
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | path | environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def node_version():
    if not (shutil.which("node") and shutil.which("npm")):
        return ()
    return tuple(map(int, re.findall(r"\d+", subprocess.check_output(["node", "--version"], text=True))))


def installed():
    """The folder that holds node_modules as the lock file pins them. They are installed once."""
    if node_version() < NEEDED_NODE:
        pytest.skip(f"needs Node.js {'.'.join(map(str, NEEDED_NODE))} or newer with npm")
    folder = Path(sys.prefix) / "share" / f"clients-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    if not folder.exists():
        install(folder)
    return folder


def install(folder):
    """Uses another name first. So neither a killed process nor two at once leave a folder that is half-made."""
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as fresh:
        made = Path(fresh, "made")
        made.mkdir()
        for name in ("package.json", LOCK.name):
            shutil.copy(HERE / name, made)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=made, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm cannot install the packages: {done.stderr.strip()[-500:]}")
        if not folder.exists():
            made.rename(folder)
