"""`python3 run.py` checks the environment and then serves: gunicorn runs in the same process."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sysconfig
from contextlib import closing

import pytest

from testbed.postgres import free_port
from tests.conftest import new_database
from tests.operations.set_up.shell import PYTHON
from tests.support.service import ROOT, SECRET_KEY


@pytest.fixture
def folder(tmp_path):
    """The project, an environment with the packages of these tests, and a uv that installs nothing."""
    for name in ("run.py", "manage.py", "gunicorn.conf.py", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("todo_project", "tasks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = tmp_path / "environment"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", environment], check=True)
    packages = sysconfig.get_path("purelib", vars={"base": environment, "platbase": environment})
    with open(os.path.join(packages, "tests.pth"), "w") as path:
        path.write(sysconfig.get_path("purelib"))
    uv = environment / "bin" / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    return tmp_path


@pytest.fixture
def variables(folder, django_db_setup):
    with new_database(folder, is_migrated=False) as url:
        yield {
            "PATH": f"{folder}/environment/bin:{os.environ['PATH']}",
            "VIRTUAL_ENV": f"{folder}/environment",
            "DATABASE_URL": url,
            "SECRET_KEY": SECRET_KEY,
            "PORT": str(free_port()),
            "WEB_CONCURRENCY": "1",
        }


def get(variables, path):
    with closing(http.client.HTTPConnection("127.0.0.1", int(variables["PORT"]), timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


@pytest.fixture
def start(folder, variables):
    """Starts `python3 run.py --here`; gives the process that serves and what it printed until it listened."""
    started = []

    def start(around=()):
        process = subprocess.Popen(
            [*around, PYTHON, "run.py", "--here"],
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Listening at" in line:
                return process, "".join(lines)
        raise RuntimeError("".join(lines))

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


def test_run_py_migrates_says_where_it_serves_and_ends_with_0_at_sigterm(start, variables):
    process, said = start()
    url = f"http://127.0.0.1:{variables['PORT']}"
    assert "Applying tasks.0001" in said
    assert f"API    {url}/api/{{user_id}}/tasks\n" in said
    assert f"Docs   {url}/docs\n" in said
    assert f"Admin  {url}/admin/   (make an admin: python3 run.py manage createsuperuser)\n" in said
    assert get(variables, "/health/ready") == b'{"status":"ready"}'
    process.terminate()
    assert process.wait(timeout=60) == 0


@pytest.mark.run_once("sqlite")
def test_port_that_is_taken_is_told_in_one_sentence(start, variables):
    with socket.create_server(("127.0.0.1", int(variables["PORT"]))), pytest.raises(RuntimeError) as told:
        start()
    last = str(told.value).splitlines()[-1]
    assert last == f"PORT {variables['PORT']} of HOST 127.0.0.1 cannot be listened on: Address already in use."


@pytest.mark.run_once("sqlite")
def test_host_that_is_none_is_told_in_one_sentence(start, variables):
    variables["HOST"] = "999.1.1.1"
    with pytest.raises(RuntimeError) as told:
        start()
    last = str(told.value).splitlines()[-1]
    assert last.startswith(f"PORT {variables['PORT']} of HOST 999.1.1.1 cannot be listened on: ")
    assert "Unknown error" not in last


@pytest.mark.run_once("sqlite")
def test_shared_memory_may_be_read_only(start, variables, read_only):
    """Heartbeats and metrics then go to files elsewhere."""
    variables["METRICS_TOKEN"] = "0123456789abcdef0123456789abcdef"
    process, said = start(around=read_only("/dev/shm"))
    assert "Traceback" not in said
    assert get(variables, "/health/ready") == b'{"status":"ready"}'
    process.terminate()
    assert process.wait(timeout=40) == 0


@pytest.mark.run_once("sqlite")
def test_second_start_neither_installs_nor_migrates(start):
    process, said = start()
    assert "Installing requirements.txt into" in said
    process.terminate()
    assert process.wait(timeout=60) == 0
    said = start()[1]
    assert "API    http://127.0.0.1:" in said
    assert not re.search("Installing|Applying|migrations", said)
