"""The image without a container engine: the tests lint its files and run its steps in a plain folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

import pytest
import yaml

from testbed.postgres import free_port
from tests.support.service import ROOT, SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")

INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init", "ports", "read_only",
    "restart", "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
SECRET = re.compile(r"KEY|PASSWORD|TOKEN|SECRET")
OPTIONAL_SECRETS = ["METRICS_TOKEN", "AUTH_JWT_PUBLIC_KEY", "AUTH_JWT_SECRET"]


def instructions():
    """Each instruction of the Dockerfile with its arguments, in order."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def arguments_of(name):
    return [arguments for instruction, arguments in instructions() if instruction == name]


def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


# The Dockerfile


def test_every_instruction_is_known_and_each_stage_starts_from_a_pinned_release():
    assert {name for name, _ in instructions()} == INSTRUCTIONS
    assert [image.split()[0] for image in arguments_of("FROM")] == ["python:3.13-slim-trixie"] * 2


def test_image_serves_as_a_user_without_rights():
    names = [name for name, _ in instructions()]
    assert arguments_of("USER") == ["10001:10001"]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("FROM", "RUN", "COPY"))


def test_no_secret_is_in_a_layer():
    assert [
        text for name, text in instructions() if name in ("ENV", "ARG", "RUN", "COPY") and SECRET.search(text)
    ] == []
    assert not SECRET.search((ROOT / ".dockerignore").read_text())


def test_requirements_are_installed_by_their_hashes():
    [install] = [step for step in arguments_of("RUN") if "pip install" in step]
    assert {"--require-hashes", "requirements.txt"} <= set(install.split())
    pins = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []


# compose.yaml


def test_compose_has_known_keys_and_no_default_secret():
    services = compose()["services"]
    assert set(services) == {"database", "migrate", "web"}
    assert {key for service in services.values() for key in service} <= SERVICE_KEYS
    values = [value for service in services.values() for value in service["environment"].values()]
    references = re.findall(r"\$\{(\w+)([^}]*)\}", " ".join(map(str, values)))
    secrets = {name: rest for name, rest in references if SECRET.search(name)}
    needed = {name for name, rest in secrets.items() if rest.startswith(":?")}
    assert needed == {"POSTGRES_PASSWORD", "SECRET_KEY"}
    assert {name: secrets[name] for name in secrets.keys() - needed} == dict.fromkeys(OPTIONAL_SECRETS, ":-")


def test_compose_waits_for_the_database_and_its_migrations():
    services = compose()["services"]
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["web"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["web"]["read_only"] is services["migrate"]["read_only"] is True
    assert compose()["volumes"] == {"database": None}


# The steps of the image, in a plain folder in place of /app


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The files that .dockerignore lets `COPY . ./` copy, after the steps that need no network."""
    folder = tmp_path_factory.mktemp("image") / "app"
    folder.mkdir()
    for name in re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    for step in arguments_of("RUN"):
        if "-m venv" not in step and "pip install" not in step and "chown" not in step:
            subprocess.run(step, shell=True, check=True, cwd=folder)
    (folder / "data").mkdir()
    return folder


@pytest.fixture(scope="module")
def environment(image):
    """The variables of the image's ENV and of `docker run`. PATH leads to the environment of these tests."""
    pairs = [pair.split("=", 1) for pair in shlex.split(arguments_of("ENV")[0])]
    own = {name: value.replace("/app", str(image)) for name, value in pairs if name != "PATH"}
    run = {"SECRET_KEY": SECRET_KEY, "PORT": str(free_port()), "ALLOWED_HOSTS": ".example.com"}
    path = f"{image}/.venv/bin:{os.environ['PATH']}"
    return {"PATH": path, **own, **run}


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "data" not in path.parts}


def test_image_migrates_serves_and_writes_nothing_outside_its_volume(image, environment, tmp_path):
    before = files(image)
    subprocess.run(
        compose()["services"]["migrate"]["command"], cwd=image, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    check = json.loads(arguments_of("HEALTHCHECK")[0].partition("CMD ")[2])
    is_healthy = lambda: subprocess.run(check, cwd=image, env=environment).returncode == 0  # noqa: E731 -- used twice
    assert not is_healthy()
    with (tmp_path / "log").open("w") as log:
        command = json.loads(arguments_of("CMD")[0])
        process = subprocess.Popen(command, cwd=image, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not is_healthy():
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0
    assert files(image) == before
    assert [path.name for path in (image / "data").iterdir() if path.suffix == ".sqlite3"] == ["db.sqlite3"]


def test_image_holds_what_runs_and_nothing_else(image):
    assert {path.name for path in image.iterdir()} == {
        ".venv", "__pycache__", "data", "gunicorn.conf.py", "manage.py", "openapi.json", "requirements.txt", "tasks",
        "todo_project",
    }  # fmt: skip


def test_image_without_a_secret_key_says_so(image, environment):
    env = {name: value for name, value in environment.items() if name != "SECRET_KEY"}
    done = subprocess.run(["gunicorn", "todo_project.wsgi"], cwd=image, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("SECRET_KEY must be set to 50 random characters")
