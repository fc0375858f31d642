"""The service's processes end: no acknowledged write is lost, and an orderly end loses no running request."""

import errno
import os
import signal
import socket
import time
from collections import Counter

import pytest

from testbed.processes import exists
from tests.conftest import new_database
from tests.support.client import BROKEN, REFUSED, Client, parsed, post
from tests.support.load import Load
from tests.support.proxy import Proxy
from tests.support.service import Gunicorn
from tests.support.waiting import until

# Requests fare the same on both databases, so one run is enough. What they wrote may not.
of_requests = pytest.mark.run_once("sqlite")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def pair(tmp_path_factory, django_db_setup):
    """Two instances of the service on one database."""
    folder = tmp_path_factory.mktemp("processes")
    with new_database(folder) as url, Gunicorn(url, folder / "one") as one, Gunicorn(url, folder / "other") as other:
        yield one, other


@pytest.fixture
def service(pair):
    """An instance that a test may end."""
    if pair[0].process.poll() is not None:
        pair[0].start()
    until(lambda: len(pair[0].workers()) == 2)
    return pair[0]


def is_refusing(port):
    with socket.socket() as probe:
        # The kernel drops a connection that comes at the moment of the end, and refuses it at its next SYN.
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_sigterm_cuts_no_request_off_and_refuses_new_ones_at_once(service):
    body = b'{"title": "Under way"}'
    with Load(service.port) as load, socket.create_connection(("127.0.0.1", service.port), timeout=60) as under_way:
        time.sleep(0.5)
        under_way.sendall(post("under-way", f"Expect: 100-continue\r\nContent-Length: {len(body)}", b""))
        assert under_way.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        service.process.terminate()
        # At once: while a request that had come before is not even there yet.
        until(lambda: is_refusing(service.port))
        under_way.sendall(body)
        assert parsed(under_way.makefile("rb").read())[0] == 201
        assert service.process.wait(timeout=60) == 0
    assert set(load.failed(*METHODS)) <= {(method, REFUSED) for method in METHODS}
    service.start()
    assert load.wrong() == []


@of_requests
def test_hup_loses_no_request_and_replaces_every_worker(service):
    before = set(service.workers())
    with Load(service.port) as load:
        time.sleep(0.5)
        service.process.send_signal(signal.SIGHUP)
        until(lambda: len(service.workers()) == 2 and not before & set(service.workers()))
        time.sleep(0.5)
    assert load.failed(*METHODS) == {}
    assert load.wrong() == []


@of_requests
def test_a_rolling_restart_behind_a_balancer_loses_no_request(service, pair):
    with Proxy(*(instance.port for instance in pair)) as balancer:
        with Load(balancer.port) as load:
            for instance in pair:
                time.sleep(0.5)
                assert instance.stop() == 0
                instance.start()
            time.sleep(0.5)
        assert load.failed(*METHODS) == {}
        assert load.wrong() == []


@of_requests
def test_sigkill_of_a_worker_under_load_is_made_up_for(service):
    [killed, other] = service.workers()
    with Load(service.port) as load:
        time.sleep(0.5)
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(set(service.workers()) - {killed}) == 2, 20)
        time.sleep(1)
    assert other in service.workers()
    # The killed worker's connections broke, each once. Clients that asked again got an answer: 412 or 404 where a write
    # with a tag was done before, which the ledger checks.
    failures = Counter(status for _, status in load.failed(*METHODS).elements())
    assert failures.keys() <= {BROKEN, 412, 404}
    assert failures[BROKEN] <= len(load.workers)
    assert load.wrong() == []


@pytest.mark.parametrize("end", ["master", "all"])
def test_what_was_acknowledged_survives_sigkill(service, end):
    with Load(service.port) as load:
        time.sleep(1)
        if end == "master":
            service.process.kill()
            service.process.wait()
        else:
            service.kill()
    until(lambda: is_refusing(service.port))
    service.start()
    assert load.acknowledged_writes > 10
    assert load.wrong() == []


@of_requests
def test_workers_do_not_outlive_their_master(service):
    workers = service.workers()
    service.process.kill()
    service.process.wait()
    until(lambda: not any(map(exists, workers)))
    service.start()
    with Client(service.port) as client:
        assert client("GET", "/health/ready").status == 200
