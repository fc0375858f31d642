"""Into which environment run.py installs, and what a failed installation leaves of it."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.operations.set_up.shell import PYTHON, run, told

pytestmark = pytest.mark.run_once("sqlite")


def test_active_environment_is_used(project, environment, with_uv, log):
    assert told(project, "manage", VIRTUAL_ENV=str(environment))[2] == str(environment)
    python = environment / "bin" / "python"
    assert log.read_text() == (
        f"uv pip install --quiet --python {python} --require-hashes -r {project / 'requirements.txt'}\n"
    )
    assert not (project / ".venv").exists()


def test_environment_whose_python_runs_it_is_used(project, environment, with_uv):
    assert told(project, "manage", python=environment / "bin" / "python")[2] == str(environment)
    assert not (project / ".venv").exists()


def test_active_environment_is_never_removed_though_inside_the_project_and_of_another_python(project, with_uv):
    environment = project / "env"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", environment], check=True)
    (environment / "pyvenv.cfg").write_text("version = 3.11.0")
    (environment / "mine").touch()
    told(project, "manage", VIRTUAL_ENV=str(environment))
    assert (environment / "mine").exists()


def test_environment_that_is_gone_is_not_used(project, environment, with_uv):
    shutil.rmtree(environment)
    assert told(project, "manage", VIRTUAL_ENV=str(environment))[2] == str(project / ".venv")


def test_uv_makes_and_fills_the_environment_where_there_is_one(project, with_uv, log):
    assert told(project, "manage")[2] == str(project / ".venv")
    python = project / ".venv" / "bin" / "python"
    assert log.read_text().splitlines() == [
        f"uv venv --quiet --python {PYTHON} {project / '.venv'}",
        f"uv pip install --quiet --python {python} --require-hashes -r {project / 'requirements.txt'}",
    ]


def test_failed_installation_leaves_no_environment(project, with_uv):
    code, printed, complaints = run(project, "manage", IS_OFFLINE="1")
    assert (code, printed) == (1, "")
    assert complaints.splitlines() == [
        f"Installing requirements.txt into {project / '.venv'}",
        "error: no network",
        "The installation of requirements.txt failed; the reason stands above.",
    ]
    assert not (project / ".venv").exists()


def test_two_starts_at_once_make_one_environment(project, with_uv, log):
    with ThreadPoolExecutor(2) as shells:
        [one, other] = [shells.submit(told, project, "manage", SECONDS_OF_UV="0.5") for _ in range(2)]
    assert one.result() == other.result()
    assert [line.split()[1] for line in log.read_text().splitlines()] == ["venv", "pip"]


def test_half_made_environment_is_made_anew(project, with_uv, log):
    """The first start was killed while it made the environment."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (project / ".venv" / "half-made").touch()
    assert told(project, "manage")[2] == str(project / ".venv")
    assert not (project / ".venv" / "half-made").exists()


def test_environment_of_another_python_is_made_anew(project, with_uv):
    told(project, "manage")
    config = project / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace(".".join(map(str, sys.version_info[:3])), "3.11.0"))
    (project / ".venv" / ".requirements.txt.stamp").write_text("of Python 3.11.0")
    (project / ".venv" / "old").touch()
    told(project, "manage")
    assert not (project / ".venv" / "old").exists()
