"""The server stops, or hands over: each client with a connection gets an answer, and every other one is refused."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing

import pytest

from testbed.postgres import free_port
from testbed.processes import children
from tests.conftest import new_database
from tests.faults.test_processes import is_refusing
from tests.support.client import Client
from tests.support.service import ROOT, Gunicorn, Service
from tests.support.waiting import until
from tests.support.wire import parse, read_to_end, request, with_body

pytestmark = pytest.mark.run_once("sqlite")
ASKED = request("GET", "/api/owner/tasks", "Connection: close")


@pytest.fixture(scope="module")
def service(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("stops")
    with new_database(folder) as url, Gunicorn(url, folder / "log", LOG_LEVEL="warning") as running:
        yield running


class Newcomers:
    """Clients that open a connection for each request, until one is refused. Counts how the requests ended."""

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
            client.settimeout(60)
            try:
                client.connect(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                return "refused"
            try:
                client.sendall(ASKED)
                [answer] = parse(read_to_end(client, time.monotonic() + 60))
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


@pytest.mark.own_worker
@pytest.mark.parametrize("again", range(5))
def test_who_has_got_in_is_answered_and_nobody_is_reset(service, again):
    if service.process.poll() is not None:
        service.start()
    with Newcomers(service.port) as newcomers:
        assert service.stop() == 0
        # Nothing listens any more, so each thread is refused and ends by itself.
        for thread in newcomers.threads:
            thread.join()
    assert newcomers.outcomes.keys() == {200, "refused"}
    assert newcomers.outcomes["refused"] == len(newcomers.threads)


def kept_alive(service):
    client = socket.create_connection(("127.0.0.1", service.port), timeout=60)
    client.sendall(request("GET", "/health"))
    assert client.recv(65536).startswith(b"HTTP/1.1 200")
    return client


def first_status(client):
    """The status of the answer, 0 if the connection closed without one, or the error."""
    try:
        return int(client.recv(65536)[9:12] or 0)
    except OSError as error:
        return repr(error)


@pytest.mark.own_worker
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_what_has_arrived_while_every_thread_was_busy_is_answered_too(tmp_path, stop):
    post = with_body("POST", "/api/late/tasks", b'{"title": "Late"}')
    with (
        Service(f"sqlite:///{tmp_path}/db.sqlite3", tmp_path / "log", WEB_CONCURRENCY="1") as running,
        closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as other,
    ):
        clients = [kept_alive(running) for _ in range(12)]
        before = running.workers()
        other.execute("BEGIN IMMEDIATE")
        running.process.send_signal(stop)
        until(lambda: is_refusing(running.port) or set(running.workers()) - set(before))
        for client in clients:
            client.sendall(post)
        # Longer than a worker that stops leaves an idle connection open.
        time.sleep(2.5)
        other.execute("ROLLBACK")
        assert [first_status(client) for client in clients] == [201] * 12
        for client in clients:
            client.close()


def masters_child(service):
    """The new master that SIGUSR2 started, or None until both of its workers are there."""
    for child in service.workers():
        if len(children(child)) == 2:
            return child
    return None


def test_usr2_hands_over_to_a_new_master_and_loses_nobody(service):
    if service.process.poll() is not None:
        service.start()
    service.listening_workers()
    with Newcomers(service.port) as newcomers:
        service.process.send_signal(signal.SIGUSR2)
        new = until(lambda: masters_child(service))
        assert service.stop() == 0
    try:
        assert newcomers.outcomes.keys() == {200}
        with Client(service.port) as client:
            assert client("GET", "/health/ready").status == 200
    finally:
        os.kill(new, signal.SIGTERM)
        until(lambda: newcomers.outcome() == "refused")


def test_a_worker_that_has_had_its_share_is_replaced_and_loses_nobody(tmp_path, django_db_setup):
    with (
        new_database(tmp_path) as url,
        Gunicorn(url, tmp_path / "log", GUNICORN_CMD_ARGS="--max-requests 100") as running,
    ):
        before = running.listening_workers()
        with Newcomers(running.port) as newcomers:
            until(lambda: len(set(running.workers()) - set(before)) == 2)
        assert newcomers.outcomes.keys() == {200}


@pytest.mark.own_worker
def test_tls_is_refused_in_a_sentence(service):
    command = [sys.executable, "-m", "gunicorn", "todo_project.wsgi", "--certfile", __file__, "--keyfile", __file__]
    environment = service.environment | {"PORT": str(free_port())}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "let a proxy end TLS" in ended.stderr
    assert "Traceback" not in ended.stderr
