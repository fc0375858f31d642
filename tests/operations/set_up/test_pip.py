"""How run.py installs where there is no uv."""

import hashlib
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.operations.set_up.shell import PYTHON, run, told

pytestmark = pytest.mark.run_once("sqlite")

# A pip of the system. It says of itself what it was given: no environment can import it.
FAKE_PIP = """import os, sys
if sys.argv[-2:] == ["config", "list"]:
    print("\\n".join({lines!r}))
else:
    with open({log!r}, "a") as log:
        print("pip", *sys.argv[1:], file=log)
        for name in sorted(os.environ):
            if name.startswith("PIP_"):
                print(name, os.environ[name], file=log)
"""


def wheel(folder):
    """A package of one module, which a real pip installs without a network."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


def digest(path):
    return f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def without_ensurepip(tmp_path):
    """A Python without ensurepip, as Debian has it, and the folder of its packages."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "system"], check=True)
    paths = {"base": tmp_path / "system", "platbase": tmp_path / "system"}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    return tmp_path / "system" / "bin" / "python", packages


@pytest.fixture
def system(tmp_path):
    """A Python without ensurepip that has a real pip: it is quicker than to install one into each environment."""
    python, packages = without_ensurepip(tmp_path)
    find = "import os, pip; print(os.path.dirname(os.path.dirname(pip.__file__)))"
    found = subprocess.run([PYTHON, "-c", find], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("this Python has no ensurepip")
    (packages / "pip").symlink_to(Path(found.stdout.strip()) / "pip")
    return python


@pytest.fixture
def with_fake_pip(tmp_path, log):
    """Makes a Python without ensurepip whose pip only notes what it was given."""

    def make(*lines):
        python, packages = without_ensurepip(tmp_path)
        (packages / "pip").mkdir()
        (packages / "pip" / "__init__.py").touch()
        (packages / "pip" / "__main__.py").write_text(FAKE_PIP.format(log=str(log), lines=lines))
        return python

    return make


@pytest.fixture
def index(project, tmp_path):
    """The address of an index that has what the project pins, and the project's program imports that."""
    folder = tmp_path / "mirror" / "tiny"
    folder.mkdir(parents=True)
    path = wheel(folder)
    (folder / "index.html").write_text(f'<a href="{path.name}">{path.name}</a>')
    (project / "requirements.txt").write_text(f"tiny==1.0 {digest(path)}\n")
    (project / "manage.py").write_text("import tiny\n")
    return folder.parent.as_uri()


def test_second_start_installs_nothing_until_the_requirements_change(project, tmp_path):
    pytest.importorskip("ensurepip", reason="this Python has no ensurepip")
    path = wheel(tmp_path)
    line = f"tiny @ {path.as_uri()} {digest(path)}\n"
    (project / "requirements.txt").write_text(line)
    (project / "manage.py").write_text("import tiny\n")
    message = f"Installing requirements.txt into {project / '.venv'}\n"
    assert run(project, "manage") == (0, "", message)
    path.unlink()
    assert run(project, "manage") == (0, "", "")
    (project / "requirements.txt").write_text(line + "# changed\n")
    code, _, complaints = run(project, "manage")
    assert (code, complaints.startswith(message)) == (1, True)


def test_variables_of_pip_for_other_projects_count_for_nothing(project, tmp_path, index, system):
    (tmp_path / "constraints").write_text("tiny<1\n")
    (tmp_path / "requirements").write_text("other==1\n")
    variables = {
        "PIP_USER": "1",
        "PIP_TARGET": tmp_path / "elsewhere",
        "PIP_ROOT": tmp_path / "elsewhere",
        "PIP_PREFIX": tmp_path / "elsewhere",
        "PIP_PYTHON": tmp_path / "no python",
        "PIP_DRY_RUN": "1",
        "PIP_NO_BINARY": ":all:",
        "PIP_CONSTRAINT": tmp_path / "constraints",
        "PIP_REQUIREMENT": tmp_path / "requirements",
        "PIP_REPORT": tmp_path / "no folder" / "report",
        "PIP_USE_FEATURE": "of-another-pip",
        "PIP_QUIET": "3",
    }
    strings = {name: str(value) for name, value in variables.items()}
    message = f"Installing requirements.txt into {project / '.venv'}\n"
    assert run(project, "manage", python=system, PIP_NO_INDEX=None, PIP_INDEX_URL=index, **strings) == (0, "", message)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("path", ["home/.config/pip/pip.conf", "home/.pip/pip.conf", "pip.conf"])
def test_files_of_pip_name_the_mirror_and_nothing_else(project, tmp_path, index, system, path):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(
        f"[global]\nindex-url = file:///nowhere\ntarget = {tmp_path}/elsewhere\nconstraint = /nowhere\n"
        f"quiet = 3\nlog = {tmp_path}/no folder/log\n"
        f"[install]\nuser = true\nindex-url = {index}\nextra-index-url =\n    file:///no\n    file:///where\n"
    )
    variables = {"PIP_CONFIG_FILE": str(tmp_path / path)} if path == "pip.conf" else {"HOME": str(tmp_path / "home")}
    message = f"Installing requirements.txt into {project / '.venv'}\n"
    assert run(project, "manage", python=system, PIP_NO_INDEX=None, **variables) == (0, "", message)
    assert not (tmp_path / "elsewhere").exists()


def test_value_that_pip_refuses_is_shown_as_pip_says_it(project, system):
    code, printed, complaints = run(project, "manage", python=system, PIP_TIMEOUT="soon", PIP_CONFIG_FILE="/dev/null")
    assert (code, printed) == (1, "")
    assert "option timeout: invalid floating-point value: 'soon'" in complaints
    assert complaints.splitlines()[-1] == (
        "The set-up failed; the reason stands above. "
        "The way to the packages is set by PIP_NO_INDEX, PIP_TIMEOUT (variables, or lines of pip's own files)."
    )


def test_file_of_pip_that_cannot_be_read_is_named(project, tmp_path, system):
    (tmp_path / "pip.conf").write_text("index-url = https://mirror/simple\n")
    code, printed, complaints = run(project, "manage", python=system, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert (code, printed) == (1, "")
    assert str(tmp_path / "pip.conf") in complaints
    assert complaints.splitlines()[-1].startswith("The set-up failed; the reason stands above.")


@pytest.mark.parametrize("home", [None, "/nowhere/at/all"])
def test_home_may_be_missing(project, index, system, home):
    message = f"Installing requirements.txt into {project / '.venv'}\n"
    assert run(project, "manage", HOME=home, python=system, PIP_NO_INDEX=None, PIP_INDEX_URL=index) == (0, "", message)


def test_network_and_settings_are_named_where_pip_reaches_no_index(project, index, system):
    closed = {
        "PIP_INDEX_URL": "https://me:secret@127.0.0.1:1/simple",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    code, printed, complaints = run(project, "manage", python=system, PIP_NO_INDEX=None, **closed)
    assert (code, printed) == (1, "")
    assert complaints.splitlines()[-1] == (
        "The set-up failed; the reason stands above. There is no network, or it does not lead to the packages. "
        "The way to the packages is set by PIP_INDEX_URL, PIP_RETRIES (variables, or lines of pip's own files)."
    )
    assert "secret" not in complaints
    assert not (project / ".venv").exists()


def test_systems_pip_fills_an_environment_without_ensurepip(project, log, with_fake_pip):
    system = with_fake_pip()
    assert told(project, "manage", python=system)[2] == str(project / ".venv")
    python = project / ".venv" / "bin" / "python"
    options = "install --quiet --disable-pip-version-check --no-warn-script-location --require-hashes"
    assert log.read_text().splitlines() == [
        f"pip --python {python} {options} -r {project / 'requirements.txt'}",
        "PIP_CONFIG_FILE /dev/null",
        "PIP_NO_INDEX 1",
    ]
    assert not list((project / ".venv").glob("bin/pip*"))


def test_way_to_the_packages_is_kept(project, log, with_fake_pip):
    """As the machine of a company has it: a mirror, its certificate, a proxy."""
    lines = [
        ":env:.cert='/my.pem'",
        "global.cert='/etc/company.pem'",
        "global.find-links='\\n/wheels\\n/more'",
        'global.index-url="https://mirror/it\'s"',
        "global.target='/elsewhere'",
        "install.index-url='https://second/simple'",
        "install.timeout='5'",
        "download.proxy='http://other'",
        "wheel.constraint='/no'",
    ]
    system = with_fake_pip(*lines)
    variables = {"PIP_CERT": "/my.pem", "PIP_TRUSTED_HOST": "mirror", "PIP_CACHE_DIR": "/cache", "PIP_PRE": "1"}
    told(project, "manage", python=system, PIP_NO_INDEX=None, **variables)
    assert log.read_text().splitlines()[1:] == [
        "PIP_CACHE_DIR /cache",
        "PIP_CERT /my.pem",
        "PIP_CONFIG_FILE /dev/null",
        "PIP_FIND_LINKS /wheels /more",
        "PIP_INDEX_URL https://second/simple",
        "PIP_TIMEOUT 5",
        "PIP_TRUSTED_HOST mirror",
    ]


def test_uv_that_is_only_a_name_is_not_used(project, with_uv, log, with_fake_pip):
    """Version managers leave such stand-ins for what is not installed."""
    (project.parent / "bin" / "uv").write_text("#!/bin/sh\nexit 127\n")
    told(project, "manage", python=with_fake_pip())
    assert log.read_text().startswith("pip --python ")


def test_no_ensurepip_and_no_pip_is_told_in_one_sentence(project, tmp_path):
    code, printed, complaints = run(project, "manage", python=without_ensurepip(tmp_path)[0])
    assert (code, printed) == (1, "")
    assert complaints.splitlines()[1:] == [
        "Install python3-venv (Debian and Ubuntu: sudo apt install python3-venv) or uv, then try again."
    ]
    assert not (project / ".venv").exists()
