"""The service in separate processes, as its users run it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from testbed.postgres import free_port
from testbed.processes import adopt_orphans, children, kill_tree
from tests.support.isolation import SECRET_KEY
from tests.support.waiting import until

ROOT = Path(__file__).parent.parent.parent
# A start takes two seconds. With migrations it takes many times that where several tests start at once on two cores.
START_SECONDS = 60


class Service:
    """`with Service(database_url, log) as service: urlopen(service.url)`. It can be stopped, killed and restarted."""

    # What `python3 run.py` does. It migrates the database first.
    command = ("manage.py", "serve")

    def __init__(self, database_url, log, **environment):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(log)
        self.environment = os.environ | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "PORT": str(self.port),
            **environment,
        }

    def start(self):
        adopt_orphans()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        try:
            self.wait_until_healthy()
        except BaseException:
            # It may have a master and workers by now.
            kill_tree(self.process)
            raise
        return self

    def wait_until_healthy(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The service did not start: {self.log.read_text()}")
            time.sleep(0.05)

    def is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def workers(self):
        """The process ids of gunicorn's workers."""
        return children(self.process.pid)

    def listening_workers(self):
        """Both workers, once each takes connections, which is a little after their processes start."""
        until(lambda: len(self.workers()) == 2)
        time.sleep(0.5)
        return self.workers()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)

    def kill(self):
        """Sends SIGKILL to the master and to its workers."""
        kill_tree(self.process)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        if self.process.poll() is None:
            try:
                self.stop()
            finally:
                kill_tree(self.process)


class Gunicorn(Service):
    """gunicorn alone, as the container starts it. Its database is migrated already: that saves half of the start."""

    command = ("-m", "gunicorn", "todo_project.wsgi")
