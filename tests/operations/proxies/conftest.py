import signal
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.conftest import new_database
from tests.support.client import Client
from tests.support.load import Load
from tests.support.proxies import HAProxy, Nginx, PrefixedNginx, StrippingNginx, UnbufferedNginx
from tests.support.service import Gunicorn
from tests.support.waiting import until


@pytest.fixture(scope="module")
def pair(tmp_path_factory, django_db_setup):
    """Two instances on one database, configured for a proxy that ends TLS."""
    folder, settings = tmp_path_factory.mktemp("pair"), {"PROXY_SSL_HEADER": "X-Forwarded-Proto"}
    with new_database(folder) as url, ExitStack() as stack:
        yield [stack.enter_context(Gunicorn(url, folder / name, **settings)) for name in ("one", "other")]


@pytest.fixture(scope="module")
def proxies(pair, tmp_path_factory):
    """The installed proxies by their class. No load of these tests reaches their rate limits."""
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(kind(tmp_path_factory.mktemp("proxy"), pair))
            for kind in (Nginx, UnbufferedNginx, HAProxy)
            if kind.program()
        }


@pytest.fixture(scope="module", params=[Nginx, UnbufferedNginx, HAProxy])
def proxy(request, proxies):
    return proxies.get(request.param) or pytest.skip(request.param.not_installed())


@pytest.fixture(scope="module", params=[PrefixedNginx, StrippingNginx])
def prefixed(request, service, tmp_path_factory):
    """nginx before the module's `service`, which has SCRIPT_NAME=/svc: it passes the prefix on, or takes it off."""
    if not Nginx.program():
        pytest.skip(Nginx.not_installed())
    with request.param(tmp_path_factory.mktemp("proxy"), [service, service]) as proxy:
        yield proxy


@pytest.fixture
def client(proxy):
    with Client(proxy.port) as client:
        yield client


@pytest.fixture(params=[Nginx, HAProxy])
def kind(request):
    return request.param if request.param.program() else pytest.skip(request.param.not_installed())


@pytest.fixture
def limited(kind, pair, tmp_path):
    """A client of a proxy that has the documented rate limits and has counted no client yet."""
    with kind(tmp_path, pair, is_limited=True) as proxy, Client(proxy.port) as client:
        yield client


@contextmanager
def under_load(proxies):
    """Puts all proxies under load at the same time, so that the tests wait for a restart only once."""
    with ExitStack() as stack:
        yield {proxy: stack.enter_context(Load(proxy.port, clients=4)) for proxy in proxies.values()}


@pytest.fixture(scope="module")
def restarted(proxies, pair):
    """For each proxy, the load that ran while both instances restarted, one after the other."""
    with under_load(proxies) as loads:
        for instance in pair:
            time.sleep(0.5)
            assert instance.stop() == 0
            instance.start()
        time.sleep(0.5)
    return loads


@pytest.fixture(scope="module")
def reloaded(proxies, pair):
    """For each proxy, the load that ran while one instance replaced its workers."""
    before = set(pair[0].listening_workers())
    with under_load(proxies) as loads:
        time.sleep(0.5)
        pair[0].process.send_signal(signal.SIGHUP)
        until(lambda: len(pair[0].workers()) == 2 and not before & set(pair[0].workers()))
        time.sleep(0.5)
    return loads


@pytest.fixture
def unharmed(pair):
    """Checks after the test that both instances answer, in the same processes, and have logged no fault."""
    for instance in pair:
        until(lambda instance=instance: len(instance.workers()) == 2)
    before = [(instance.workers(), len(instance.log.read_text())) for instance in pair]
    yield
    for instance, (workers, logged) in zip(pair, before, strict=True):
        assert instance.is_healthy()
        assert instance.workers() == workers
        assert "Traceback" not in instance.log.read_text()[logged:]
