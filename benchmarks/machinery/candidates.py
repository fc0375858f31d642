"""The service and its peers, each as it is deployed, with the same number of worker processes."""

import ast
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from testbed import processes
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

    @property
    def description(self):
        """Of a peer, in its module's own words."""
        return ast.get_docstring(ast.parse((ROOT / "benchmarks" / "peers" / f"{self.module}.py").read_text()))

    def variables(self, database_url, port):
        """The environment it gets; what the caller's own says about the service must not change the measurement."""
        kept = {name: value for name, value in os.environ.items() if name in INHERITED}
        ours = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY, "HOST": "127.0.0.1", "PORT": str(port)}
        ours |= {"WEB_CONCURRENCY": WORKERS, "LOG_LEVEL": "warning", "DEBUG": "false", "ALLOWED_HOSTS": "127.0.0.1"}
        return kept | ours | self.environment


def fastapi(name, module):
    options = ("--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75")
    # Its master would kill a worker that is busy for five seconds on a machine that has other work too.
    options += ("--timeout-worker-healthcheck", "60")
    return Candidate(name, ("uvicorn", f"benchmarks.peers.{module}:app", *options), module=module)


def django(name, module, app):
    command = ("gunicorn", "-c", "benchmarks/peers/gunicorn_conf.py", "benchmarks.peers.wsgi")
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.django_settings", "PEER_APP": app}
    return Candidate(name, command, settings | {"PEER_URLS": f"benchmarks.peers.{module}"}, module)


SERVICE = Candidate("this service", ("gunicorn", "todo_project.wsgi"))
FASTAPI_SQLMODEL = fastapi("FastAPI + SQLModel", "fastapi_sqlmodel")
FASTAPI_ASYNC = fastapi("FastAPI + asyncpg", "fastapi_async")
STOCK_DRF = django("stock DRF", "stock_drf", "rest_framework")
DJANGO_NINJA = django("Django Ninja", "ninja_api", "ninja")
PEERS = (FASTAPI_SQLMODEL, FASTAPI_ASYNC, STOCK_DRF, DJANGO_NINJA)


class Running:
    """`with Running(candidate, database_url) as running: …running.port, running.pid`."""

    def __init__(self, candidate, database_url, log):
        self.candidate = candidate
        self.port = free_port()
        self.variables = candidate.variables(database_url, self.port)
        self.log = Path(log)

    def __enter__(self):
        # uvicorn takes the number of workers from WEB_CONCURRENCY too, but no port.
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
        """At once, whatever it is stuck in."""
        self.kill()
        self.__enter__()

    def wait_for_workers(self):
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while not (self.answers() and len(self.workers()) == int(self.variables["WEB_CONCURRENCY"])):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.candidate.name} did not start: {self.log.read_text()}")
            time.sleep(0.05)

    def workers(self):
        """The processes that serve: not the master, and not the one that multiprocessing starts for itself."""
        below = processes.descendants(self.pid)
        return [process for process in below if "resource_tracker" not in processes.command_line(process)]

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/nobody/tasks", timeout=5) as answer:
                return answer.read() == b"[]"
        except (OSError, urllib.error.URLError):
            return False

    def __exit__(self, kind=None, error=None, trace=None):
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if error:
            error.add_note(f"{self.candidate.name} logged: {self.log.read_text()[-LOGGED_CHARACTERS:]}")
