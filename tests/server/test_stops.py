"""The server stops, or hands over: whoever has got a connection gets an answer, and everybody else is refused."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import new_database
from tests.faults.client import Client
from tests.faults.waiting import until
from tests.hostile.wire import parse, read_to_end, request
from tests.postgres import free_port
from tests.service import ROOT, Service

pytestmark = pytest.mark.no_database("sqlite")
ASKED = request("GET", "/api/owner/tasks", "Connection: close")


@pytest.fixture(scope="module")
def service(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("stops")
    with new_database(folder) as url, Service(url, folder / "log", LOG_LEVEL="warning") as running:
        yield running


class Newcomers:
    """Clients that make a connection for each request, until nobody takes one; what became of them, counted."""

    def __init__(self, port, count=24):
        self.port, self.outcomes, self.ends = port, Counter(), threading.Event()
        self.threads = [threading.Thread(target=self.come) for _ in range(count)]

    def come(self):
        while not self.ends.is_set():
            outcome = self.outcome()
            self.outcomes[outcome] += 1
            if outcome == "refused":
                return

    def outcome(self):
        with socket.socket() as client:
            client.settimeout(20)
            try:
                client.connect(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                return "refused"
            try:
                client.sendall(ASKED)
                [answer] = parse(read_to_end(client, time.monotonic() + 20))
            except (OSError, ValueError) as error:
                return repr(error)
            return answer.status

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        until(lambda: self.outcomes[200] > 20)
        return self

    def __exit__(self, *exc_info):
        self.ends.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("again", range(5))
def test_who_has_got_in_is_answered_and_nobody_is_reset(service, again):
    if service.process.poll() is not None:
        service.start()
    with Newcomers(service.port) as newcomers:
        assert service.stop() == 0
        # Nobody listens any more, so that all have ended by themselves.
        for thread in newcomers.threads:
            thread.join()
    assert newcomers.outcomes.keys() == {200, "refused"}
    assert newcomers.outcomes["refused"] == len(newcomers.threads)


def masters_child(service):
    """The new master that SIGUSR2 has made, once it has both of its workers."""
    for child in service.workers():
        if len(Path(f"/proc/{child}/task/{child}/children").read_text().split()) == 2:
            return child
    return None


def test_usr2_hands_over_to_a_new_master_and_loses_nobody(service):
    if service.process.poll() is not None:
        service.start()
    service.listening_workers()
    with Newcomers(service.port) as newcomers:
        service.process.send_signal(signal.SIGUSR2)
        new = until(lambda: masters_child(service), 20)
        assert service.stop() == 0
    try:
        assert newcomers.outcomes.keys() == {200}
        with Client(service.port) as client:
            assert client("GET", "/health/ready").status == 200
    finally:
        os.kill(new, signal.SIGTERM)
        until(lambda: newcomers.outcome() == "refused", 20)


def test_a_worker_that_has_had_its_share_is_replaced_and_loses_nobody(tmp_path, django_db_setup):
    with (
        new_database(tmp_path) as url,
        Service(url, tmp_path / "log", GUNICORN_CMD_ARGS="--max-requests 100") as running,
    ):
        before = running.listening_workers()
        with Newcomers(running.port) as newcomers:
            until(lambda: len(set(running.workers()) - set(before)) == 2, 20)
        assert newcomers.outcomes.keys() == {200}


def test_tls_is_refused_in_a_sentence(service):
    command = [sys.executable, "-m", "gunicorn", "todo_project.wsgi", "--certfile", __file__, "--keyfile", __file__]
    environment = service.environment | {"PORT": str(free_port())}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "let a proxy end TLS" in ended.stderr
    assert "Traceback" not in ended.stderr
