"""Keys by URL, in the running service: fetched in the background, and kept while the URL fails."""

import itertools
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.authentication import key_server
from tests.authentication.key_server import KeyServer, fail, hang, key_set, serve
from tests.authentication.odd_keys import SECRET, odd_keys
from tests.authentication.tokens import Key, claims, key, sign, sign_with_secret
from tests.conftest import METRICS_TOKEN, OWNER, new_database
from tests.support.service import ROOT, Gunicorn
from tests.support.waiting import until
from tests.support.wire import exchange, request
from todo_project.authentication import remote

# No database plays a part.
pytestmark = pytest.mark.run_once("sqlite")

NO_KEYS = (503, b'{"detail":"The keys that verify tokens are not available, try again soon"}', None, "2")
NOT_VALID = (401, b'{"detail":"The token is not valid"}', 'Bearer error="invalid_token"', None)
EMPTY_LIST = (200, b"[]", None, None)
FAILED, WELL = "The keys of AUTH_JWKS_URL cannot be fetched: ", "The keys of AUTH_JWKS_URL are fetched again"
# As the README promises. What needs less patience is named by each test.
USUAL = {"REFRESH_SECONDS": 300, "SOON_SECONDS": 30, "FIRST_SECONDS": 5, "STALE_SECONDS": 24 * 3600}


@pytest.fixture
def issuer():
    with KeyServer(serve(key_set(key("EdDSA")))) as server:
        yield server


@pytest.fixture
def start(tmp_path, django_db_setup):
    """Starts the service with the keys of a URL. The waits that are named are shorter than usual."""
    with ExitStack() as stack:

        def start(url, **hurried):
            arguments = f"{os.environ.get('GUNICORN_CMD_ARGS', '')} --config tests/authentication/hurried.py"
            variables = {"AUTH_JWKS_URL": url, "HURRIED": json.dumps(hurried), "GUNICORN_CMD_ARGS": arguments}
            database = stack.enter_context(new_database(tmp_path))
            return stack.enter_context(Gunicorn(database, tmp_path / "log", **variables))

        yield start


def token(of="EdDSA", kid=None, *, alg=None, **changes):
    """By the key of that id, whether the server has it or not."""
    return sign(claims(**changes), key(of, kid), **({"alg": alg} if alg else {}))


def ask(service, token):
    """The status, the body, the challenge and Retry-After of a list."""
    [answer] = exchange(service.port, request("GET", f"/api/{OWNER}/tasks", f"Authorization: Bearer {token}"))
    return answer.status, answer.body, answer.headers.get("www-authenticate"), answer.headers.get("retry-after")


def ask_all(service, token):
    """What so many clients get at once that each worker serves some of them."""
    with ThreadPoolExecutor(16) as clients:
        return set(clients.map(lambda _: ask(service, token), range(32)))


def lines(service, message):
    return [line for line in service.log.read_text().splitlines() if message in line]


def requests_after(issuer, number):
    """Waits until the server has had so many requests more."""
    before = len(issuer.requests)
    until(lambda: len(issuer.requests) >= before + number)


def test_waits_are_those_that_the_documents_promise():
    assert {name: getattr(remote, name) for name in USUAL} == USUAL


# Where there has never been a key


def test_it_is_503_until_there_is_a_key(start, issuer):
    with issuer.stopped():
        service = start(issuer.url)
        assert ask_all(service, token()) == {NO_KEYS}
        assert ask(service, "a.b") == NOT_VALID
    # After FIRST_SECONDS, and not after SOON_SECONDS.
    until(lambda: ask_all(service, token()) == {EMPTY_LIST}, 25)
    assert len(lines(service, FAILED)) == len(lines(service, WELL)) == 1


@pytest.mark.parametrize(
    "behaviour",
    [hang, serve(b'{"keys": []}')],
    ids=["hangs", "has none"],
)
def test_it_is_503_whatever_the_server_does(start, issuer, behaviour):
    well, issuer.behaviour = issuer.behaviour, behaviour
    service = start(issuer.url, FIRST_SECONDS=1)
    assert ask_all(service, token()) == {NO_KEYS}
    requests_after(issuer, 2)
    assert ask_all(service, token()) == {NO_KEYS}
    assert set(issuer.paths) == {key_server.PATH}
    issuer.behaviour = well
    until(lambda: ask(service, token()) == EMPTY_LIST)


def test_keys_that_come_while_nobody_asks_are_there_for_the_first_who_does(start, issuer):
    with issuer.stopped():
        service = start(issuer.url, FIRST_SECONDS=1)
    time.sleep(3)
    assert ask(service, token()) == EMPTY_LIST


# How often it asks


def test_both_workers_ask_once_and_send_nothing_of_a_token(start, issuer):
    service = start(f"{issuer.url}?tenant=a%20b")
    assert ask_all(service, token()) == {EMPTY_LIST}
    [asked] = issuer.requests
    assert asked.path == f"{key_server.PATH}?tenant=a%20b"
    assert set(asked.headers) <= {"host", "accept", "accept-encoding", "user-agent"}


def test_hundred_tokens_of_unknown_keys_make_it_ask_once(start, issuer):
    service = start(issuer.url)
    for number in range(100):
        assert ask(service, token(kid=f"unknown-{number % 4}")) == NOT_VALID
    time.sleep(2.5)
    # At the start, and for the first of them.
    assert len(issuer.requests) == 2


def test_tokens_of_unknown_keys_make_all_processes_together_ask_once_in_a_while(start, issuer):
    service = start(issuer.url, SOON_SECONDS=3)
    end = time.monotonic() + 7
    while time.monotonic() < end:
        assert ask_all(service, token(kid="unknown")) == {NOT_VALID}
    moments = [asked.moment for asked in issuer.requests[1:]]
    assert len(moments) in (2, 3)
    assert min(after - before for before, after in itertools.pairwise(moments)) > 2.8


def test_key_that_is_new_counts_soon_after_its_first_token(start, issuer):
    service = start(issuer.url)
    issuer.behaviour = serve(key_set(key("EdDSA"), key("EdDSA", "new")))
    assert ask(service, token(kid="new")) == NOT_VALID
    # Before SOON_SECONDS, of which nothing has passed.
    until(lambda: ask_all(service, token(kid="new")) == {EMPTY_LIST}, 25)


def test_key_that_has_left_the_set_stops_counting_at_the_next_refresh(start, issuer):
    service = start(issuer.url, REFRESH_SECONDS=1, SOON_SECONDS=1)
    issuer.behaviour = serve(key_set(key("EdDSA"), key("EdDSA", "leaving")))
    leaving, staying = token(kid="leaving"), token()
    until(lambda: ask_all(service, leaving) == {EMPTY_LIST})
    issuer.behaviour = serve(key_set(key("EdDSA")))
    until(lambda: ask_all(service, leaving) == {NOT_VALID})
    assert ask_all(service, staying) == {EMPTY_LIST}


def test_key_that_has_left_the_set_while_nobody_asked_does_not_count(start, issuer):
    issuer.behaviour = serve(key_set(key("EdDSA"), key("EdDSA", "leaving")))
    service = start(issuer.url, REFRESH_SECONDS=1, SOON_SECONDS=1)
    issuer.behaviour = serve(key_set(key("EdDSA")))
    time.sleep(3.5)
    assert ask_all(service, token(kid="leaving")) == {NOT_VALID}


def test_set_that_has_become_empty_refuses_every_token(start, issuer):
    service = start(issuer.url, REFRESH_SECONDS=1, SOON_SECONDS=1)
    kept = token()
    assert ask_all(service, kept) == {EMPTY_LIST}
    issuer.behaviour = serve(b'{"keys": []}')
    until(lambda: ask_all(service, kept) == {NOT_VALID})


# While the URL fails


def test_known_tokens_are_answered_at_full_speed_while_the_server_hangs(start, issuer):
    service = start(issuer.url, SOON_SECONDS=0)
    known = token()
    assert ask_all(service, known) == {EMPTY_LIST}
    issuer.behaviour = hang
    unknown = token(kid="unknown")
    assert ask(service, unknown) == NOT_VALID
    until(lambda: len(issuer.requests) == 2)
    seconds = []
    for number in range(150):
        # The unknown key is wanted again and again, so that the service waits for the server all the time.
        for sent, answer in ((unknown, NOT_VALID), (known, EMPTY_LIST), (token(jti=str(number)), EMPTY_LIST)):
            begin = time.monotonic()
            assert ask(service, sent) == answer
            seconds.append(time.monotonic() - begin)
    # A request that waited for the server would wait for most of three seconds.
    assert max(seconds) < 2
    assert sorted(seconds)[len(seconds) // 2] < 0.1


def test_keys_serve_on_while_the_server_fails_and_it_is_logged_once(start, issuer):
    service = start(issuer.url, REFRESH_SECONDS=1, SOON_SECONDS=1)
    assert ask_all(service, token()) == {EMPTY_LIST}
    well, issuer.behaviour = issuer.behaviour, fail()
    requests_after(issuer, 4)
    assert ask_all(service, token()) == {EMPTY_LIST}
    issuer.behaviour = well
    until(lambda: lines(service, WELL))
    requests_after(issuer, 2)
    assert [json.loads(line)["message"] for line in lines(service, FAILED)] == [f"{FAILED}it answered 500"]
    assert len(lines(service, WELL)) == 1


def test_keys_that_are_too_old_serve_no_longer(start, issuer):
    service = start(issuer.url, REFRESH_SECONDS=1, SOON_SECONDS=1, STALE_SECONDS=4)
    kept = token()
    assert ask_all(service, kept) == {EMPTY_LIST}
    with issuer.stopped():
        until(lambda: ask_all(service, kept) != {EMPTY_LIST})
        assert time.monotonic() - issuer.requests[-1].moment > 4
        until(lambda: ask_all(service, kept) == {NO_KEYS})
    until(lambda: ask_all(service, kept) == {EMPTY_LIST})


def test_worker_that_replaces_a_killed_one_has_the_keys_while_the_server_is_away(start, issuer):
    service = start(issuer.url, SOON_SECONDS=1)
    assert ask_all(service, token()) == {EMPTY_LIST}
    with issuer.stopped():
        for killed in service.listening_workers():
            os.kill(killed, signal.SIGKILL)
            until(lambda killed=killed: killed not in service.workers() and len(service.workers()) == 2)
            service.listening_workers()
        assert ask_all(service, token()) == {EMPTY_LIST}


def test_worker_that_is_killed_while_it_waits_for_the_server_leaves_the_asking_to_the_others(start, issuer):
    service = start(issuer.url, SOON_SECONDS=1, REFRESH_SECONDS=1)
    issuer.behaviour = hang
    assert ask_all(service, token()) == {EMPTY_LIST}
    requests_after(issuer, 1)
    for killed in service.listening_workers():
        os.kill(killed, signal.SIGKILL)
    until(lambda: len(service.workers()) == 2)
    issuer.behaviour = serve(key_set(key("EdDSA"), key("EdDSA", "new")))
    until(lambda: ask_all(service, token(kid="new")) == {EMPTY_LIST})


# What a set may hold


# Another key of the same id.
OTHER_TWIN = Key("EdDSA", "twin")


@pytest.fixture(scope="module")
def odd_service(tmp_path_factory, django_db_setup):
    """A service whose set has each odd key before good ones, and several keys of one id."""
    good = [key(name) for name in ("EdDSA", "ES256", "ES384", "RS256", "PS256")]
    twins = [key("EdDSA", "twin"), OTHER_TWIN, key("ES256", "twin")]
    folder = tmp_path_factory.mktemp("odd")
    with (
        KeyServer(serve(key_set(*odd_keys().values(), *good, *twins), content_type="text/html")) as server,
        new_database(folder) as url,
        Gunicorn(url, folder / "log", AUTH_JWKS_URL=server.url) as running,
    ):
        yield running


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "ES384", "RS256", "PS256"])
def test_good_keys_of_a_bad_set_are_used(odd_service, algorithm):
    assert ask(odd_service, token(algorithm)) == EMPTY_LIST


@pytest.mark.parametrize(
    "twin", [key("EdDSA", "twin"), OTHER_TWIN, key("ES256", "twin")], ids=["one", "other", "ES256"]
)
def test_all_keys_of_one_id_count(odd_service, twin):
    assert ask(odd_service, sign(claims(), twin)) == EMPTY_LIST


ODD_TOKENS = {
    "the shared secret in the set": lambda: sign_with_secret(claims(), SECRET, kid="oct"),
    "Ed448": lambda: token("Ed448", alg="EdDSA"),
    "a private Ed25519 key": lambda: token("EdDSA", "private"),
    "a private RSA key": lambda: token("RS256", "private-rsa"),
    "a private EC key": lambda: token("ES256", "private-ec"),
    "a key for encryption": lambda: token("RS256", "enc"),
    "a key for RSA-OAEP": lambda: token("RS256", "oaep"),
    "a key with another algorithm": lambda: token("EdDSA", "changed"),
    "a key in a list": lambda: token("EdDSA", "listed"),
    "a key as PEM": lambda: token("EdDSA", "pem"),
    "a key that is huge": lambda: sign(claims(), key("RS256"), kid="huge"),
    "a key of a twin, under another id": lambda: sign(claims(), key("EdDSA", "twin"), kid="eddsa"),
}


@pytest.mark.parametrize("build", [pytest.param(build, id=name) for name, build in ODD_TOKENS.items()])
def test_odd_keys_verify_nothing(odd_service, build):
    assert ask(odd_service, build()) == NOT_VALID


def test_odd_keys_leave_no_traceback(odd_service):
    assert lines(odd_service, "Traceback") == []


# What operators see


def test_queries_of_the_page_are_about_metrics_that_there_are(start, issuer, monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", METRICS_TOKEN)
    service = start(issuer.url)
    assert ask(service, "a.b") == NOT_VALID
    [answer] = exchange(service.port, request("GET", "/metrics", f"Authorization: Bearer {METRICS_TOKEN}"))
    families = text_string_to_metric_families(answer.body.decode())
    labels = {sample.name: set(sample.labels) for family in families for sample in family.samples}

    page = (ROOT / "docs" / "authentication.md").read_text()
    [queries] = re.findall(r"```promql\n(.*?)```", page, re.DOTALL)
    assert set(re.findall(r"authentication_\w+", queries)) == {name for name in labels if name.startswith("auth")}
    assert labels["authentication_refusals_total"] == {"reason"}
    assert labels["authentication_key_fetches_total"] == {"outcome"}
