"""What a process does with the keys that the processes share, by its own object: no socket but the provider's."""

import json
import socket
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.authentication.key_server import KeyServer, fail, key_set, serve
from tests.authentication.tokens import LEFT_OUT, claims, key, sign
from todo_project.authentication import fetching, remote
from todo_project.authentication.fetching import FetchError, fetch_keys
from todo_project.authentication.remote import RemoteKeys
from todo_project.authentication.tokens import RefusedError, Verifier

pytestmark = pytest.mark.run_once("sqlite")


@pytest.fixture
def issuer():
    with KeyServer(serve(key_set(key("EdDSA")))) as server:
        yield server


@pytest.fixture
def made(issuer):
    """Makes objects without a thread: the test calls what the thread would."""
    with ExitStack() as stack:

        def made():
            keys = RemoteKeys(issuer.url, [])
            keys.start = lambda: None
            stack.enter_context(keys.shared.file)
            return keys

        yield made


@pytest.fixture
def keys(made):
    keys = made()
    keys.prepare()
    return keys


def kids(keys):
    return [each.kid for each in keys.current().all]


def make_due(keys):
    """As though the time to refresh had come."""
    with keys.shared.locked():
        keys.shared.write(replace(keys.shared.read(), attempted=time.monotonic() - remote.REFRESH_SECONDS))


@pytest.mark.parametrize("odd", [{"kty": "oct"}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-256"}, {"kty": "OKP"}, {}, []])
def test_set_with_an_odd_key_gives_its_good_ones(made, issuer, odd):
    issuer.behaviour = serve(json.dumps({"keys": [odd, key("EdDSA").jwk]}).encode())
    keys = made()
    keys.prepare()
    assert kids(keys) == ["eddsa"]


def test_error_that_nobody_thought_of_is_a_failed_attempt(keys, caplog, monkeypatch):
    monkeypatch.setattr(fetching, "read", lambda text, algorithms: {}["odd"])
    make_due(keys)
    keys.refresh()

    assert (kids(keys), keys.shared.read().is_failing) == (["eddsa"], True)
    assert caplog.messages == ["The keys of AUTH_JWKS_URL cannot be fetched: KeyError"]


def test_text_that_a_killed_process_left_unfinished_is_fetched_anew(keys, made):
    with keys.shared.locked():
        keys.shared.put(keys.shared.HEAD.size, b'{"keys": {')
    another = made()
    another.shared = keys.shared

    another.look()
    assert another.current() is None
    make_due(another)
    another.refresh()
    assert kids(another) == ["eddsa"]


def test_set_that_does_not_fit_the_file_leaves_the_last_one(keys, monkeypatch):
    monkeypatch.setattr(keys.shared, "file", Narrow(keys.shared.file))
    make_due(keys)
    with pytest.raises(OSError, match="the file is full"):
        keys.refresh()
    assert kids(keys) == ["eddsa"]


class Narrow:
    """A file that takes the state, and a part of a text alone."""

    def __init__(self, file):
        self.file = file

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, content):
        return self.file.write(content[:50])


def test_keys_that_are_gone_at_the_provider_are_gone_here(keys, issuer):
    issuer.behaviour = serve(b'{"keys": []}')
    make_due(keys)
    keys.refresh()
    assert kids(keys) == []


def test_tokens_go_with_their_key_and_stay_with_new_ones(keys, issuer):
    digest = b"digest of a token"
    keys.current().keep(digest, "subject", time.time() + 60)

    issuer.behaviour = serve(key_set(key("EdDSA"), key("EdDSA", "second")))
    make_due(keys)
    keys.refresh()
    assert (kids(keys), digest in keys.current().verified) == (["eddsa", "second"], True)

    issuer.behaviour = serve(key_set(key("EdDSA", "second")))
    make_due(keys)
    keys.refresh()
    assert (kids(keys), digest in keys.current().verified) == (["second"], False)


def test_verification_under_way_leaves_no_token_of_a_key_that_has_gone(keys, issuer):
    before = keys.current()
    issuer.behaviour = serve(key_set(key("EdDSA", "second")))
    make_due(keys)
    keys.refresh()
    before.keep(b"late", "subject", time.time() + 60)
    assert keys.current().verified == {}


@pytest.mark.parametrize(
    ("state", "is_due"),
    [
        ({"fetched": 100, "attempted": 100}, {399: False, 400: True}),
        ({"fetched": 50, "attempted": 100, "is_failing": True}, {129: False, 130: True}),
        ({"attempted": 100}, {104: False, 105: True}),
    ],
)
def test_next_attempt_is_due_after_as_long_as_the_state_asks(keys, state, is_due):
    now = remote.State(**state)
    assert {moment: keys.is_due(now, moment) for moment in is_due} == is_due


def test_unknown_key_asks_at_once_and_then_30_seconds_later(keys):
    keys.is_unknown_wanted = True
    asked = {asked: keys.is_due(remote.State(fetched=100, attempted=100, asked=asked), 101) for asked in (0, 71, 72)}
    assert asked == {0: True, 71: True, 72: False}


def jwk_without_id(of):
    return {name: value for name, value in of.jwk.items() if name != "kid"}


@pytest.mark.parametrize(
    ("served", "signer", "kid", "reason", "is_wanted"),
    [
        (key("EdDSA").jwk, key("EdDSA", "second"), "second", "unknown key", True),
        (key("EdDSA").jwk, key("EdDSA", "second"), "eddsa", "bad signature", False),
        # A key without an id may be the one that any token names.
        (jwk_without_id(key("EdDSA")), key("EdDSA", "second"), "second", "bad signature", True),
        (jwk_without_id(key("EdDSA")), key("EdDSA", "second"), LEFT_OUT, "bad signature", True),
        (jwk_without_id(key("EdDSA")), key("ES256", "second"), "second", "algorithm not allowed", True),
        (key("EdDSA").jwk, key("ES256", "second"), "eddsa", "algorithm not allowed", False),
    ],
)
def test_token_of_what_may_be_a_new_key_asks_for_the_keys(made, issuer, served, signer, kid, reason, is_wanted):
    issuer.behaviour = serve(json.dumps({"keys": [served]}).encode())
    keys = made()
    keys.prepare()
    verifier = Verifier(keys, algorithms=["EdDSA", "ES256"], issuers=[], audiences=[], claim="sub")

    with pytest.raises(RefusedError, match=reason):
        verifier.subject_of(sign(claims(), signer, kid=kid))
    assert (keys.is_unknown_wanted, keys.is_wanted.is_set()) == (is_wanted, is_wanted)


def test_new_key_without_an_id_counts_once_it_is_asked_for(made, issuer):
    old, new = key("EdDSA"), key("EdDSA", "second")
    issuer.behaviour = serve(json.dumps({"keys": [jwk_without_id(old)]}).encode())
    keys = made()
    keys.prepare()
    verifier = Verifier(keys, algorithms=["EdDSA"], issuers=[], audiences=[], claim="sub")
    issuer.behaviour = serve(json.dumps({"keys": [jwk_without_id(new)]}).encode())
    token = sign(claims(), new, kid=LEFT_OUT)

    with pytest.raises(RefusedError, match="bad signature"):
        verifier.subject_of(token)
    keys.refresh()
    assert verifier.subject_of(token) == claims()["sub"]


def test_failure_and_recovery_are_logged_once(keys, issuer, caplog):
    for behaviour in (fail(), fail(), serve(key_set(key("EdDSA")))):
        issuer.behaviour = behaviour
        make_due(keys)
        keys.refresh()
    assert caplog.messages == [
        "The keys of AUTH_JWKS_URL cannot be fetched: it answered 500",
        "The keys of AUTH_JWKS_URL are fetched again",
    ]


# Connecting


@pytest.fixture
def deaf():
    """The address of a port whose queue is full: Linux drops what else wants to connect."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()
        for client in waiting:
            client.close()


def test_all_addresses_of_a_host_have_three_seconds_together(monkeypatch, deaf):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", deaf)] * 3
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **rest: found)
    begin = time.monotonic()
    with pytest.raises(FetchError, match="it timed out"):
        fetch_keys("http://localhost/jwks", [])
    assert 2.5 < time.monotonic() - begin < 5


def test_next_address_is_tried_where_one_refuses(monkeypatch, issuer):
    good = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", int(issuer.url.split(":")[2].split("/")[0])))]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refusing = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", closed.getsockname())]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **rest: refusing + good)
        assert [each.kid for each in fetch_keys(issuer.url, [])[1]] == ["eddsa"]


def test_name_that_does_not_resolve_is_a_reason():
    with pytest.raises(FetchError) as raised:
        fetch_keys("https://nowhere.invalid/jwks", [])
    assert str(raised.value) in ("Name or service not known", "Temporary failure in name resolution")
