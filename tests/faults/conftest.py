from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.support.client import Client
from tests.support.primary import Primary
from tests.support.service import Service
from tests.support.waiting import until


@pytest.fixture(scope="session")
def primary():
    """A PostgreSQL of these tests' own, as safe as by default: what it has said to be written is written."""
    if connection.vendor == "sqlite":
        pytest.skip("a fault of PostgreSQL, tested in the run on PostgreSQL")
    with Primary(max_connections=30) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def running(primary, tmp_path_factory):
    """The service as users have it, on that PostgreSQL."""
    with Service(primary.url(), tmp_path_factory.mktemp("faults") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def running_impatiently(primary, running, tmp_path_factory):
    """The same with short time-outs, so that their ends need not be waited for long."""
    limits = {"DATABASE_WAIT_SECONDS": "2", "STATEMENT_TIMEOUT_MS": "1000", "LOCK_TIMEOUT_MS": "500"}
    with Service(primary.url(), tmp_path_factory.mktemp("faults") / "log", **limits) as running:
        yield running


def both_workers(service):
    """None before the service has started the second one."""
    workers = service.workers()
    return workers if len(workers) == 2 else None


def is_ready(service):
    """Whether so many clients find it ready at the same time that each worker has had some."""

    def status(_):
        with Client(service.port) as client:
            return client("GET", "/health/ready").status

    with ThreadPoolExecutor(16) as clients:
        return set(clients.map(status, range(32))) == {200}


def healed(service):
    """Gives the service to a test; afterwards it must be whole again by itself, in the same processes."""
    workers, logged = until(lambda: both_workers(service)), len(service.log.read_text())
    yield service
    until(lambda: is_ready(service))
    assert service.workers() == workers
    assert "Traceback" not in service.log.read_text()[logged:]


@pytest.fixture
def service(running):
    yield from healed(running)


@pytest.fixture
def impatient(running_impatiently):
    yield from healed(running_impatiently)


@pytest.fixture
def client(service):
    with Client(service.port) as client:
        yield client
