"""How run.py installs where there is no uv."""

import hashlib
import zipfile

import pytest

from tests.operations.set_up.shell import run, told

pytestmark = pytest.mark.run_once("sqlite")

# It acts as the system's pip: no environment can import it.
FAKE_PIP = """import sys
if sys.prefix != sys.base_prefix or not {works}:
    sys.exit(1)
if "--version" not in sys.argv:
    with open({log!r}, "a") as log:
        print("pip", *sys.argv[1:], file=log)
"""


def wheel(folder):
    """A package of one module, which a real pip installs without a network: its path and its line of requirements."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return path, f"tiny @ {path.as_uri()} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_second_start_installs_nothing_until_the_requirements_change(project, tmp_path):
    pytest.importorskip("ensurepip", reason="this Python has no ensurepip")
    path, line = wheel(tmp_path)
    (project / "requirements.txt").write_text(line)
    (project / "manage.py").write_text("import tiny\n")
    message = f"Installing requirements.txt into {project / '.venv'}\n"
    assert run(project, "manage") == (0, "", message)
    path.unlink()
    assert run(project, "manage") == (0, "", "")
    (project / "requirements.txt").write_text(line + "# changed\n")
    code, _, complaints = run(project, "manage")
    assert (code, complaints.startswith(message)) == (1, True)


def without_ensurepip(tmp_path, log, *, has_pip):
    """A folder for PYTHONPATH that hides ensurepip and has a pip that only notes its arguments."""
    folder = tmp_path / "modules"
    (folder / "pip").mkdir(parents=True)
    (folder / "ensurepip.py").write_text("raise ImportError")
    (folder / "pip" / "__init__.py").touch()
    (folder / "pip" / "__main__.py").write_text(FAKE_PIP.format(works=has_pip, log=str(log)))
    return str(folder)


def test_systems_pip_fills_an_environment_without_ensurepip(project, tmp_path, log):
    modules = without_ensurepip(tmp_path, log, has_pip=True)
    assert told(project, "manage", PYTHONPATH=modules)[2] == str(project / ".venv")
    python = project / ".venv" / "bin" / "python"
    options = "install --quiet --disable-pip-version-check --no-warn-script-location --require-hashes"
    assert log.read_text() == f"pip --python {python} {options} -r {project / 'requirements.txt'}\n"
    assert not list((project / ".venv").glob("bin/pip*"))


def test_no_ensurepip_and_no_pip_is_told_in_one_sentence(project, tmp_path, log):
    modules = without_ensurepip(tmp_path, log, has_pip=False)
    code, printed, complaints = run(project, "manage", PYTHONPATH=modules)
    assert (code, printed) == (1, "")
    assert complaints.splitlines()[1:] == [
        "Install python3-venv (Debian and Ubuntu: sudo apt install python3-venv) or uv, then try again."
    ]
    assert not (project / ".venv").exists()
