"""Into which environment run.py installs, and what a failed installation leaves of it."""

import shutil
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.operations.set_up.shell import PYTHON, interrupt, run, started, told

pytestmark = pytest.mark.run_once("sqlite")


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_active_environment_is_left_alone(project, environment, with_uv, log, name):
    before = sorted(environment.rglob("*"))
    assert told(project, "manage", **{name: str(environment)})[2] == str(project / ".venv")
    assert told(project, "manage", python=environment / "bin" / "python")[2] == str(project / ".venv")
    assert sorted(environment.rglob("*")) == before
    assert str(environment) not in log.read_text()


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_here_uses_the_active_environment(project, environment, with_uv, log, name):
    assert told(project, "--here", "manage", **{name: str(environment)})[2] == str(environment)
    python = environment / "bin" / "python"
    assert log.read_text() == (
        f"uv pip install --quiet --python {python} --require-hashes -r {project / 'requirements.txt'}\n"
    )
    assert not (project / ".venv").exists()


def test_here_uses_the_environment_whose_python_runs_it(project, environment, with_uv):
    assert told(project, "--here", python=environment / "bin" / "python")[:3] == [
        "manage.py",
        ["serve"],
        str(environment),
    ]
    assert not (project / ".venv").exists()


def test_here_without_an_active_environment_is_refused(project, environment, with_uv):
    shutil.rmtree(environment)
    refused = (1, "", "--here uses the active environment, and none is active.\n")
    assert run(project, "--here", VIRTUAL_ENV=str(environment)) == refused


def test_here_never_removes_the_environment_though_inside_the_project_and_of_another_python(project, with_uv):
    environment = project / "env"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", environment], check=True)
    (environment / "pyvenv.cfg").write_text("version = 3.11.0")
    (environment / "mine").touch()
    told(project, "--here", "manage", VIRTUAL_ENV=str(environment))
    assert (environment / "mine").exists()


def test_here_replaces_no_package(project, environment, with_uv, log):
    packages = Path(sysconfig.get_path("purelib", vars={"base": environment, "platbase": environment}))
    for name, version in [("Django", "4.2.11"), ("Typing_Extensions", "4.0"), ("asgiref", "3.8"), ("other", "1")]:
        (packages / f"{name}-{version}.dist-info").mkdir()
        (packages / f"{name}-{version}.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    pinned = (
        "asgiref==3.8 \\\n    --hash=sha256:0\ndjango==5.2.9 \\\ntyping-extensions==4.16 ; python_version < '4' \\\n"
    )
    (project / "requirements.txt").write_text(pinned)
    code, printed, complaint = run(project, "--here", "manage", VIRTUAL_ENV=str(environment))
    assert (code, printed) == (1, "")
    assert complaint == (
        f"Nothing was installed into {environment}: it has django 4.2.11, not 5.2.9, typing-extensions 4.0, not 4.16.\n"
    )
    assert log.read_text() == ""


def test_here_checks_the_python_of_the_environment(project, environment, with_uv, log):
    python = environment / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\necho 3.9.18\n")
    python.chmod(0o755)
    code, printed, complaint = run(project, "--here", VIRTUAL_ENV=str(environment))
    assert (code, printed) == (1, "")
    assert complaint == f"Python 3.11 or newer is needed; {environment} has 3.9.18.\n"
    assert log.read_text() == ""


def test_uv_makes_and_fills_the_environment_where_there_is_one(project, with_uv, log):
    assert told(project, "manage")[2] == str(project / ".venv")
    python = project / ".venv" / "bin" / "python"
    assert log.read_text().splitlines() == [
        f"uv venv --quiet --python {PYTHON} {project / '.venv'}",
        f"uv pip install --quiet --python {python} --require-hashes -r {project / 'requirements.txt'}",
    ]


def test_failed_installation_leaves_no_environment_and_names_the_network(project, with_uv):
    variables = {"UV_INDEX_URL": "https://me:secret@mirror", "HTTPS_PROXY": "http://proxy"}
    code, printed, complaints = run(project, "manage", IS_OFFLINE="1", **variables)
    assert (code, printed) == (1, "")
    assert complaints.splitlines() == [
        f"Installing requirements.txt into {project / '.venv'}",
        "error: Failed to fetch: `https://pypi.org/simple/django/`: client error (Connect)",
        "The set-up failed; the reason stands above. There is no network, or it does not lead to the packages. "
        "The way to the packages is set by HTTPS_PROXY, PIP_NO_INDEX, UV_INDEX_URL (variables, or lines of pip's own "
        "files).",
    ]
    assert not (project / ".venv").exists()


def test_two_starts_at_once_make_one_environment(project, with_uv, log):
    with ThreadPoolExecutor(2) as shells:
        [one, other] = [shells.submit(told, project, "manage", SECONDS_OF_UV="0.5") for _ in range(2)]
    assert one.result() == other.result()
    assert [line.split()[1] for line in log.read_text().splitlines()] == ["venv", "pip"]


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_ctrl_c_ends_in_a_sentence_and_leaves_no_environment(project, with_uv, log, step):
    with started(project, "manage", SECONDS_OF_UV="3") as process:
        while f"uv {step}" not in log.read_text():
            assert process.poll() is None
            time.sleep(0.05)
        interrupt(process)
        printed, complaints = process.communicate()
    assert (process.returncode, printed) == (1, "")
    assert complaints.splitlines() == [
        f"Installing requirements.txt into {project / '.venv'}",
        "Interrupted.",
    ]
    assert not (project / ".venv").exists()


def test_half_made_environment_is_made_anew(project, with_uv, log):
    """The first start was killed while it made the environment."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (project / ".venv" / "half-made").touch()
    assert told(project, "manage")[2] == str(project / ".venv")
    assert not (project / ".venv" / "half-made").exists()


def test_half_made_environment_is_made_anew_by_its_own_python(project, with_uv):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (project / ".venv" / "half-made").touch()
    assert told(project, "manage", python=project / ".venv" / "bin" / "python")[2] == str(project / ".venv")
    assert not (project / ".venv" / "half-made").exists()


def test_environment_of_another_python_is_made_anew(project, with_uv):
    told(project, "manage")
    config = project / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace(".".join(map(str, sys.version_info[:3])), "3.11.0"))
    (project / ".venv" / ".requirements.txt.stamp").write_text("of Python 3.11.0")
    (project / ".venv" / "old").touch()
    told(project, "manage")
    assert not (project / ".venv" / "old").exists()


def test_checkout_that_cannot_be_written_is_named(project, read_only):
    code, printed, complaints = run(project, "manage", around=read_only(project))
    assert (code, printed) == (1, "")
    assert complaints.splitlines() == [
        f"Installing requirements.txt into {project / '.venv'}",
        f"Error: [Errno 30] Read-only file system: '{project / '.venv'}'",
        "The set-up failed; the reason stands above. "
        "The way to the packages is set by PIP_NO_INDEX (variables, or lines of pip's own files).",
    ]


def test_checkout_that_is_set_up_need_not_be_written(project, with_uv, read_only):
    told(project, "manage")
    assert told(project, "manage", around=read_only(project))[2] == str(project / ".venv")


def test_here_needs_no_checkout_that_can_be_written(project, environment, with_uv, read_only):
    answer = told(project, "--here", "manage", around=read_only(project), VIRTUAL_ENV=str(environment))
    assert answer[2] == str(environment)
