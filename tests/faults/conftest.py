from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.support.client import Client
from tests.support.primary import Primary
from tests.support.service import Service
from tests.support.waiting import until

primaries = []


@pytest.fixture(scope="session")
def primary():
    """A PostgreSQL for these tests alone, with the default safety: a write that it acknowledges is on the disk."""
    if connection.vendor == "sqlite":
        pytest.skip("a fault of PostgreSQL, tested in the run on PostgreSQL")
    with Primary(max_connections=30) as cluster:
        primaries.append(cluster)
        yield cluster
        primaries.remove(cluster)


# Before the fixtures of a module, which may need the server too.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """A test that leaves the server dead is one failed test, and not the end of all that follow."""
    for cluster in primaries:
        if not cluster.is_running():
            cluster.start()


@pytest.fixture(scope="session")
def running(primary, tmp_path_factory):
    """The service with its usual settings, on that PostgreSQL."""
    with Service(primary.url(), tmp_path_factory.mktemp("faults") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def running_impatiently(primary, running, tmp_path_factory):
    """The same service with short time-outs, so that tests of them need not wait long; and with a path prefix."""
    limits = {"DATABASE_WAIT_SECONDS": "2", "STATEMENT_TIMEOUT_MS": "1000", "LOCK_TIMEOUT_MS": "500"}
    with Service(primary.url(), tmp_path_factory.mktemp("faults") / "log", SCRIPT_NAME="/svc", **limits) as running:
        yield running


def both_workers(service):
    """The two workers, or None while the second has not started."""
    workers = service.workers()
    return workers if len(workers) == 2 else None


def is_ready(service):
    """Whether the service is ready to all of many clients. They are so many that each worker serves some of them."""

    def status(_):
        with Client(service.port) as client:
            return client("GET", "/health/ready").status

    with ThreadPoolExecutor(16) as clients:
        return set(clients.map(status, range(32))) == {200}


def healed(service):
    """Gives the service to a test. Afterwards the service must recover without help, in the same processes."""
    if service.process.poll() is not None:
        service.start()
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
