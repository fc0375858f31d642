"""Installs packages from npm, as a lock file pins them.

They are in a folder of the Python environment. Its name has a hash of the lock file. Without Node.js or a network their
tests are skipped, which fails them in CI (tests/support/skips.py).
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.missing import not_installed

FILES = ("package.json", "package-lock.json")
NEEDED_NODE = (20, 19)


def node_version():
    if not (shutil.which("node") and shutil.which("npm")):
        return ()
    return tuple(map(int, re.findall(r"\d+", subprocess.check_output(["node", "--version"], text=True))))


def installed(source):
    """The folder that holds node_modules as the lock file in `source` pins them. They are installed once."""
    if node_version() < NEEDED_NODE:
        program = f"Node.js {'.'.join(map(str, NEEDED_NODE))} or newer with npm"
        pytest.skip(not_installed(program, "nodejs npm"))
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    folder = Path(sys.prefix) / "share" / f"{source.name}-{digest[:16]}"
    if not folder.exists():
        install(source, folder)
    return folder


def install(source, folder):
    """Uses another name first. So neither a killed process nor two at once leave a folder that is half-made."""
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as fresh:
        made = Path(fresh, "made")
        made.mkdir()
        for name in FILES:
            shutil.copy(source / name, made)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=made, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm cannot install the packages: {done.stderr.strip()[-500:]}")
        if not folder.exists():
            made.rename(folder)
