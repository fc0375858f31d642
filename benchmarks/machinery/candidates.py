"""The service and its peers, each started as it is deployed, with the same number of worker processes."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machinery import tokens
from testbed import processes
from testbed.client import is_serving
from testbed.postgres import free_port

ROOT = Path(__file__).parent.parent.parent
WORKERS = "2"
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
SECRET_KEY = "only-for-benchmarks-" + "0123456789abcdef" * 3
START_LIMIT_SECONDS = 30
STOP_LIMIT_SECONDS = 30
LOGGED_CHARACTERS = 2_000


@dataclass(frozen=True, eq=False)
class Candidate:
    name: str
    command: tuple
    environment: dict = field(default_factory=dict)
    module: str = ""
    has_tokens: bool = False

    @property
    def description(self):
        """The docstring of a peer's module, in one line."""
        tree = ast.parse((ROOT / "benchmarks" / "peers" / f"{self.module}.py").read_text())
        return " ".join(ast.get_docstring(tree).split())

    def variables(self, database_url, port):
        """Its environment. The caller's settings of the service are left out: they would change the measurement."""
        kept = {name: value for name, value in os.environ.items() if name in INHERITED}
        ours = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "HOST": "127.0.0.1", "PORT": str(port)}
        ours |= {
            "ENV_FILE": os.devnull,
            "WEB_CONCURRENCY": WORKERS,
            "LOG_LEVEL": "warning",
            "DEBUG": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        return kept | ours | self.environment

    def token(self, user):
        """What a request of this user carries. None where the candidate checks no tokens."""
        return tokens.of(user) if self.has_tokens else None


def fastapi(name, module):
    options = ("--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75")
    # By default uvicorn's master kills a worker after five busy seconds, which a shared machine can cause.
    options += ("--timeout-worker-healthcheck", "60")
    return Candidate(name, ("uvicorn", f"benchmarks.peers.{module}:app", *options), module=module)


def django(name, module, app):
    command = ("gunicorn", "-c", "benchmarks/peers/gunicorn_conf.py", "benchmarks.peers.wsgi")
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.django_settings", "PEER_APP": app}
    return Candidate(name, command, settings | {"PEER_URLS": f"benchmarks.peers.{module}"}, module)


SERVICE = Candidate("this service", ("gunicorn", "todo_project.wsgi"))
WITH_TOKENS = Candidate("with tokens", SERVICE.command, tokens.settings(), has_tokens=True)
FASTAPI_SQLMODEL = fastapi("FastAPI + SQLModel", "fastapi_sqlmodel")
FASTAPI_ASYNC = fastapi("FastAPI + asyncpg", "fastapi_async")
STOCK_DRF = django("stock DRF", "stock_drf", "rest_framework")
DJANGO_NINJA = django("Django Ninja", "ninja_api", "ninja")
PEERS = (FASTAPI_SQLMODEL, FASTAPI_ASYNC, STOCK_DRF, DJANGO_NINJA)


class Running:
    """`with Running(candidate, database_url, log) as running: …running.port, running.pid`."""

    def __init__(self, candidate, database_url, log):
        self.candidate = candidate
        self.port = free_port()
        self.variables = candidate.variables(database_url, self.port)
        self.log = Path(log)

    def __enter__(self):
        # uvicorn reads the number of workers from WEB_CONCURRENCY too, but it does not read PORT.
        port = ("--port", str(self.port)) if self.candidate.command[0] == "uvicorn" else ()
        command = [sys.executable, "-m", *self.candidate.command, *port]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.variables, stdout=log, stderr=log)
        self.pid = self.process.pid
        try:
            self.wait_for_workers()
        except BaseException:
            self.kill()
            raise
        return self

    def kill(self):
        for process in [*processes.descendants(self.pid), self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    def restart(self):
        """Kills it first, because it may be stuck."""
        self.kill()
        self.__enter__()

    def wait_for_workers(self):
        deadline, wanted = time.monotonic() + START_LIMIT_SECONDS, int(self.variables["WEB_CONCURRENCY"])
        token = self.candidate.token("nobody")
        while not (is_serving(self.port, timeout=5, token=token) and len(self.workers()) == wanted):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.candidate.name} did not start: {self.log.read_text()}")
            time.sleep(0.05)

    def workers(self):
        """The processes that serve: not the master, and not the one that multiprocessing starts for itself."""
        below = processes.descendants(self.pid)
        return [process for process in below if "resource_tracker" not in processes.command_line(process)]

    def __exit__(self, kind=None, error=None, trace=None):
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if error:
            error.add_note(f"{self.candidate.name} logged: {self.log.read_text()[-LOGGED_CHARACTERS:]}")
