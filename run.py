"""Sets up the environment and runs the service, its tests or a command: `python3 run.py --help`."""

import platform
import sys

if sys.version_info < (3, 11):
    # Older ones come as far as here. Even Python 2.7 must be able to parse the rest.
    sys.exit("Python 3.11 or newer is needed; this is " + platform.python_version() + ".")

import ast
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
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
python3 run.py manage ...    run a command of manage.py

Packages go into .venv. python3 run.py --here ... uses the active environment, and replaces no package in it."""
NO_PIP = "Install python3-venv (Debian and Ubuntu: sudo apt install python3-venv) or uv, then try again."

ROOT = Path(__file__).resolve().parent
VENV, VENV_OF_BENCHMARKS = OURS = ROOT / ".venv", ROOT / ".venv-bench"
MODULES = {"test": "tests", "check": "tests.checks", "soak": "tests.soak"}

# These variables are meant for other projects: they change which packages and modules are found, and where pip and uv
# put them. Only those stay that lead to the packages: mirrors, certificates, proxies, time limits, caches.
FOREIGN = re.compile("(PYTHON|PIP_|UV_|DJANGO_(SETTINGS_MODULE|CONFIGURATION)$)")
LEADING = re.compile(
    "(PIP|UV)_.*(INDEX|LINK|HOST|CERT|TLS|PROXY|TIMEOUT|RETRIES|CACHE|KEYRING|OFFLINE|CONFIG_FILE)|[a-z]*_proxy$",
    re.IGNORECASE,
)
# Prints the versions of what is installed, by name.
PACKAGES = """import json, re
from importlib.metadata import distributions
found = [(one.metadata["Name"] or "", one.version) for one in distributions()]
print(json.dumps({re.sub("[-_.]+", "-", name).lower(): version for name, version in reversed(found)}))"""


class SetUpError(Exception):
    pass


def leave_out_foreign_variables():
    for name in list(os.environ):
        if FOREIGN.match(name) and not LEADING.match(name):
            del os.environ[name]


def attempt(command, **variables):
    """What the command prints. It is not shown while it runs: at Ctrl-C that would be a traceback."""
    environment = dict(os.environ, **variables)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, env=environment, universal_newlines=True, errors="replace", **pipes)
    if done.returncode != 0:
        raise SetUpError(done.stdout + explanation(done.stdout, environment))
    return done.stdout


def explanation(output, environment):
    sentence = "The set-up failed; the reason stands above."
    if re.search("connect|from versions: none", output, re.IGNORECASE):
        sentence += " There is no network, or it does not lead to the packages."
    names = [name for name in sorted(environment) if LEADING.match(name) and environment[name] != os.devnull]
    if names:
        sentence += (
            " The way to the packages is set by " + ", ".join(names) + " (variables, or lines of pip's own files)."
        )
    return sentence


def works(command):
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def has_uv():
    # Its name alone may be there: version managers leave such stand-ins.
    return works(["uv", "--version"])


def python_of(prefix):
    return str(prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def active_prefix():
    """The active environment: the one whose Python runs this, or the one that the shell names."""
    named = [Path(os.environ[name]) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    running = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    prefix = next((prefix for prefix in running + named if os.path.exists(python_of(prefix))), None)
    if prefix is None:
        raise SetUpError("--here uses the active environment, and none is active.")
    version = attempt([python_of(prefix), "-c", "import platform; print(platform.python_version())"]).strip()
    if tuple(map(int, version.split(".")[:2])) < (3, 11):
        raise SetUpError("Python 3.11 or newer is needed; " + str(prefix) + " has " + version + ".")
    return prefix


def refuse_to_replace_packages(requirements, prefix):
    installed = json.loads(attempt([python_of(prefix), "-P", "-c", PACKAGES]))
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / requirements).read_text(), re.MULTILINE)
    others = [(name, version) for name, version in pinned if installed.get(name, version) != version]
    if others:
        needs = ", ".join(name + " " + installed[name] + ", not " + version for name, version in others)
        raise SetUpError("Nothing was installed into " + str(prefix) + ": it has " + needs + ".")


def make_environment(prefix):
    # Not the Python of an environment: it may be this one, which is made anew.
    python = getattr(sys, "_base_executable", sys.executable)
    if has_uv():
        return attempt(["uv", "venv", "--quiet", "--python", python, str(prefix)])
    has_pip = importlib.util.find_spec("ensurepip")
    return attempt([python, "-P", "-m", "venv", str(prefix)] + ([] if has_pip else ["--without-pip"]))


def install(requirements, python):
    what = ["--require-hashes", "-r", str(ROOT / requirements)]
    if has_uv():
        return attempt(["uv", "pip", "install", "--quiet", "--python", python] + what)
    pip = [python, "-P", "-m", "pip"]
    if not works([python, "-P", "-c", "import pip"]):
        if not importlib.util.find_spec("pip"):
            raise SetUpError(NO_PIP)
        pip = [sys.executable, "-P", "-m", "pip", "--python", python]
    options = ["install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    return attempt(pip + options + what, **mirrors(pip))


def mirrors(pip):
    """Variables for what pip's own files say of the way to the packages, and one that makes pip read no such file."""
    listed = attempt(pip + ["config", "list"], PIP_QUIET="0", PIP_LOG=os.devnull)
    variables = {"PIP_CONFIG_FILE": os.devnull}
    # A file's [install] wins over its [global], and a variable over both.
    found = re.findall("^(global|install)[.](.+?)=(.*)$", listed, re.MULTILINE)
    for _, name, value in sorted(found, key=lambda one: one[0]):
        variable = "PIP_" + name.upper().replace("-", "_")
        if LEADING.match(variable) and not os.environ.get(variable):
            variables[variable] = ast.literal_eval(value).replace("\n", " ").strip()
    return variables


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
    python, stamp = python_of(prefix), prefix / ("." + requirements.replace("/", "-") + ".stamp")
    content = (ROOT / requirements).read_bytes() + platform.python_version().encode()
    wanted = hashlib.sha256(content).hexdigest()

    def is_done():
        return stamp.exists() and stamp.read_text() == wanted and os.path.exists(python)

    if prefix not in OURS:
        refuse_to_replace_packages(requirements, prefix)
    if not is_done():
        with one_at_a_time():
            if not is_done():
                sys.stderr.write("Installing " + requirements + " into " + str(prefix) + "\n")
                with whole(prefix):
                    install(requirements, python)
                stamp.write_text(wanted)
    return python


@contextlib.contextmanager
def whole(prefix):
    """Makes an environment of ours, unless there is one. A new one that is not filled is removed again."""
    if prefix not in OURS or is_whole(prefix):
        yield
        return
    try:
        shutil.rmtree(str(prefix), ignore_errors=True)
        make_environment(prefix)
        yield
    except BaseException:
        shutil.rmtree(str(prefix), ignore_errors=True)
        raise


def is_whole(prefix):
    """Whether a set-up ended there, and with this Python. A stamp is written last: one that was killed left none."""
    config = prefix / "pyvenv.cfg"
    is_there = os.path.exists(python_of(prefix)) and config.exists() and any(prefix.glob(".*.stamp"))
    return is_there and platform.python_version().encode() in config.read_bytes()


def become(command):
    """Replaces this process by the command, so that signals reach it. Windows cannot do this."""
    os.chdir(str(ROOT))
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def main(arguments):
    leave_out_foreign_variables()
    is_here = arguments[:1] == ["--here"]
    words = arguments[1:] if is_here else arguments
    command, rest = (words or ["serve"])[0], words[1:]
    if command in ("help", "--help", "-h"):
        return sys.stdout.write(USAGE + "\n")
    if command not in ("serve", "manage", "bench") and command not in MODULES:
        sys.stderr.write("There is no command " + command + ".\n\n" + USAGE + "\n")
        return sys.exit(2)
    if command == "bench":
        return become([set_up("benchmarks/requirements.txt", VENV_OF_BENCHMARKS), "-m", "benchmarks"] + rest)
    prefix = active_prefix() if is_here else VENV
    if command in MODULES:
        return become([set_up("requirements-dev.txt", prefix), "-m", MODULES[command]] + rest)
    first = ["serve"] if command == "serve" else []
    return become([set_up("requirements.txt", prefix), "manage.py"] + first + rest)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
    except (OSError, SetUpError) as error:
        sys.exit(str(error))
