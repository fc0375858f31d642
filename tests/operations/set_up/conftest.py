import os
import shutil
import subprocess

import pytest

from tests.operations.set_up.shell import PYTHON
from tests.support.service import ROOT

PROGRAMS = {"manage.py": "manage.py", "tests/__main__.py": "-m tests", "tests/checks.py": "-m tests.checks"}
TELL = "import json, os, sys\nprint(json.dumps(['{name}', sys.argv[1:], sys.prefix, os.getcwd()]))\n"
FAKE_UV = """#!{python}
import os, subprocess, sys, time
if sys.argv[1] == "--version":
    sys.exit()
with open({log!r}, "a") as log:
    print("uv", *sys.argv[1:], file=log)
time.sleep(float(os.environ.get("SECONDS_OF_UV", 0)))
if sys.argv[1] == "venv":
    subprocess.check_call([sys.argv[4], "-m", "venv", "--without-pip", sys.argv[5]])
elif "IS_OFFLINE" in os.environ:
    sys.exit("error: Failed to fetch: `https://pypi.org/simple/django/`: client error (Connect)")
with open({log!r} + ".variables", "w") as variables:
    print(*sorted(name for name in os.environ if name.startswith("UV_")), file=variables)
"""


@pytest.fixture
def project(tmp_path):
    """A folder with run.py and stand-ins for its programs, which print how they were called."""
    folder = tmp_path / "project with blanks"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "run.py", folder)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text("# nothing\n")
    for path, name in PROGRAMS.items():
        (folder / path).write_text(TELL.format(name=name))
    return folder


@pytest.fixture
def log(tmp_path):
    """The file where the stand-ins for uv and pip note their arguments."""
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def with_uv(tmp_path, log):
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin" / "uv"
    uv.write_text(FAKE_UV.format(python=PYTHON, log=str(log)))
    uv.chmod(0o755)


@pytest.fixture
def environment(tmp_path):
    """An environment that exists before run.py starts."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "environment"], check=True)
    return tmp_path / "environment"


@pytest.fixture
def read_only():
    """Gives the words before a command that runs where this folder cannot be written, not even by root."""

    def around(folder):
        script = '/bin/mount --bind "$0" "$0" && /bin/mount -o remount,bind,ro "$0" && exec "$@"'
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["/usr/bin/unshare", "--mount", *as_root, "/bin/sh", "-c", script, str(folder)]

    if subprocess.run([*around("/mnt"), "true"], capture_output=True).returncode != 0:
        pytest.skip("other systems cannot do it")
    return around
