"""Sets up the environment and runs the service, its tests or a command: `python3 run.py --help`."""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

USAGE = """python3 run.py               set up, migrate and serve
python3 run.py test ...      run the whole suite on SQLite and on PostgreSQL; arguments go to pytest
python3 run.py check         check style, types, imports, migrations, deployment settings and openapi.json
python3 run.py bench ...     measure against other frameworks (--quick: in 2 minutes; --scale; --far; --admin)
python3 run.py soak ...      hours of load and faults
python3 run.py manage ...    run a command of manage.py"""
NO_PIP = "Install python3-venv (Debian and Ubuntu: sudo apt install python3-venv) or uv, then try again."

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
MODULES = {"test": "tests", "check": "tests.checks", "soak": "tests.soak"}


def python_of(prefix):
    return prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def active_prefix():
    """The active environment: the one whose Python runs this, or the one that the shell names."""
    named = [Path(os.environ[name]) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    running = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    return next((prefix for prefix in running + named if python_of(prefix).exists()), None)


def works(*command):
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def make_environment(prefix):
    if shutil.which("uv"):
        return subprocess.check_call(["uv", "venv", "--quiet", "--python", sys.executable, str(prefix)])
    has_pip = works(sys.executable, "-c", "import ensurepip")
    return subprocess.check_call([sys.executable, "-m", "venv", str(prefix)] + ([] if has_pip else ["--without-pip"]))


def installer(python):
    if shutil.which("uv"):
        return ["uv", "pip", "install", "--quiet", "--python", python]
    quietly = ["install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    if works(python, "-m", "pip", "--version"):
        return [python, "-m", "pip"] + quietly
    if works(sys.executable, "-m", "pip", "--python", python, "--version"):
        return [sys.executable, "-m", "pip", "--python", python] + quietly
    return sys.exit(NO_PIP)


@contextlib.contextmanager
def one_at_a_time():
    """Lets only one start set up at a time. Windows and disks without locks cannot do this."""
    if fcntl is None:
        yield
        return
    folder = os.open(str(ROOT), os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def set_up(requirements, prefix):
    """Installs what the file pins, unless a stamp in the environment has the hash of that. Returns its Python."""
    python, stamp = str(python_of(prefix)), prefix / ("." + requirements.replace("/", "-") + ".stamp")
    content = (ROOT / requirements).read_bytes() + platform.python_version().encode()
    wanted = hashlib.sha256(content).hexdigest()

    def is_done():
        return stamp.exists() and stamp.read_text() == wanted and os.path.exists(python)

    if not is_done():
        with one_at_a_time():
            if not is_done():
                install(requirements, prefix)
                stamp.write_text(wanted)
    return python


def install(requirements, prefix):
    python = str(python_of(prefix))
    print("Installing " + requirements + " into " + str(prefix), file=sys.stderr)
    config = prefix / "pyvenv.cfg"
    # A stamp is written last: an environment without one was left by a set-up that was killed.
    is_whole = os.path.exists(python) and config.exists() and any(prefix.glob(".*.stamp"))
    fits = is_whole and platform.python_version() in config.read_text()
    is_made_here = prefix != active_prefix() and not fits
    try:
        if is_made_here:
            shutil.rmtree(str(prefix), ignore_errors=True)
            make_environment(prefix)
        subprocess.check_call(installer(python) + ["--require-hashes", "-r", str(ROOT / requirements)])
    except BaseException as error:
        if is_made_here:
            shutil.rmtree(str(prefix), ignore_errors=True)
        if isinstance(error, (subprocess.CalledProcessError, KeyboardInterrupt)):
            sys.exit("The installation of " + requirements + " failed; the reason stands above.")
        raise


def become(command):
    """Replaces this process by the command, so that signals reach it. Windows cannot do this."""
    os.chdir(str(ROOT))
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def main(command="serve", *arguments):
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed; this is " + platform.python_version() + ".")
    if command == "bench":
        become([set_up("benchmarks/requirements.txt", ROOT / ".venv-bench"), "-m", "benchmarks"] + list(arguments))
    prefix = active_prefix() or VENV
    if command in ("serve", "manage"):
        first = ["serve"] if command == "serve" else []
        become([set_up("requirements.txt", prefix), "manage.py"] + first + list(arguments))
    if command in MODULES:
        become([set_up("requirements-dev.txt", prefix), "-m", MODULES[command]] + list(arguments))
    print(USAGE, file=sys.stdout if command in ("help", "--help", "-h") else sys.stderr)
    sys.exit(0 if command in ("help", "--help", "-h") else 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
