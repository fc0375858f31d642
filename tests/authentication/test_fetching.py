"""One request for the keys of a URL: what ends it and why, and which keys of its answer are used."""

import os
import time
import zlib

import pytest

from testbed.processes import descriptors, is_socket
from tests.authentication import key_server
from tests.authentication.key_server import KeyServer, fail, hang, key_set, redirect, serve
from tests.authentication.odd_keys import odd_keys, odd_texts
from tests.authentication.tokens import key
from tests.support.waiting import until
from todo_project.authentication.fetching import FetchError, fetch_keys

# No database plays a part.
pytestmark = pytest.mark.run_once("sqlite")


@pytest.fixture
def issuer():
    with KeyServer(serve(GOOD)) as server:
        yield server


GOOD = key_set(key("EdDSA"))
MALFORMED, NO_SET = "its answer was malformed or cut off", "its answer is neither a JWK nor a JWK set"
NO_JSON, LARGE = "its answer is neither JSON nor PEM", "its answer is larger than 1048576 bytes"
FAULTS = {
    "500": (fail(), "it answered 500"),
    "401": (fail("401 Unauthorized"), "it answered 401"),
    "404 with keys": (serve(GOOD, "404 Not Found"), "it answered 404"),
    "204": (serve(b"", "204 No Content"), "it answered 204"),
    "206": (serve(GOOD, "206 Partial Content"), "it answered 206"),
    "304": (serve(b"", "304 Not Modified"), "it answered 304"),
    "no answer": (hang, "it timed out"),
    "headers without a body": (key_server.hang_after_the_head, "it timed out"),
    "a byte a second": (key_server.drip(GOOD), "it timed out"),
    "interim answers without end": (key_server.send_interim_answers, "it timed out"),
    "a set that grows": (key_server.grow(GOOD), LARGE),
    "a set that grows by chunks": (key_server.grow_by_chunks(GOOD), LARGE),
    "2 MiB": (serve(GOOD + b" " * (2 << 20)), LARGE),
    "headers without end": (key_server.send_headers_without_end, f"{MALFORMED} (HTTPException)"),
    "an end in the middle": (key_server.close_midway(GOOD), f"{MALFORMED} (IncompleteRead)"),
    "an end at once": (key_server.close_at_once, f"{MALFORMED} (RemoteDisconnected)"),
    "nonsense": (key_server.speak_nonsense, f"{MALFORMED} (BadStatusLine)"),
    "HTML": (serve(b"<html>Log in</html>", content_type="text/html"), NO_JSON),
    "nothing": (serve(b""), NO_JSON),
    "JSON cut short": (serve(GOOD[:-1]), NO_JSON),
    "JSON with more behind it": (serve(GOOD + GOOD), NO_JSON),
    "100,000 brackets": (serve(b"[" * 100_000), NO_JSON),
    "keys and 100,000 brackets": (
        serve(GOOD[:-1] + b', "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
        NO_JSON,
    ),
    "bytes that are not UTF-8": (serve(GOOD.replace(b"eddsa", b"\xff")), f"{MALFORMED} (UnicodeDecodeError)"),
    "UTF-16": (serve(GOOD.decode().encode("utf-16")), f"{MALFORMED} (UnicodeDecodeError)"),
    "compressed": (serve(zlib.compress(GOOD)), f"{MALFORMED} (UnicodeDecodeError)"),
    "a list": (serve(b"[]"), NO_SET),
    "a number": (serve(b"1"), NO_SET),
    "null": (serve(b"null"), NO_SET),
    "keys that are an object": (serve(b'{"keys": {}}'), NO_SET),
    "keys that are null": (serve(b'{"keys": null}'), NO_SET),
}


@pytest.mark.parametrize(("behaviour", "reason"), [pytest.param(*row, id=name) for name, row in FAULTS.items()])
def test_faulty_server_is_given_up_soon_with_a_reason(issuer, behaviour, reason):
    issuer.behaviour = behaviour
    begin = time.monotonic()
    with pytest.raises(FetchError) as raised:
        fetch_keys(issuer.url, [])
    assert str(raised.value) == reason
    # 3 s, and what a busy machine adds.
    assert time.monotonic() - begin < 5
    # What the sockets of both sides hold is sent, and not read.
    assert issuer.sent_bytes < 16 << 20
    assert len(issuer.requests) == 1


def sockets():
    return sum(is_socket(os.getpid(), descriptor) for descriptor in descriptors(os.getpid()))


@pytest.mark.parametrize("behaviour", [fail(), key_server.grow(GOOD), key_server.close_midway(GOOD)])
def test_failed_request_leaves_no_socket_open(issuer, behaviour):
    before, issuer.behaviour = sockets(), behaviour
    with pytest.raises(FetchError) as raised:
        fetch_keys(issuer.url, [])
    until(lambda: sockets() == before)
    # The error kept alive, until now, what its traceback refers to.
    assert raised.value


def test_server_that_refuses_connections_is_a_reason(issuer):
    with issuer.stopped(), pytest.raises(FetchError, match="Connection refused"):
        fetch_keys(issuer.url, [])


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 T", "308 P"])
def test_redirect_is_never_followed(issuer, status):
    with KeyServer(serve(GOOD)) as elsewhere:
        for location in (elsewhere.url, issuer.url, "/elsewhere", "file:///etc/passwd"):
            issuer.behaviour = redirect(location, GOOD, status)
            with pytest.raises(FetchError, match=f"it answered {status[:3]}"):
                fetch_keys(issuer.url, [])
        assert (elsewhere.requests, issuer.paths) == ([], [key_server.PATH] * 4)


@pytest.mark.parametrize("content_type", ["application/jwk-set+json", "text/html", "image/png", ""])
def test_type_of_the_answer_does_not_matter(issuer, content_type):
    issuer.behaviour = serve(GOOD, content_type=content_type)
    assert [each.kid for each in fetch_keys(issuer.url, [])[1]] == ["eddsa"]


@pytest.mark.parametrize("odd", [pytest.param(*row, id=name) for name, *row in (odd_keys() | odd_texts()).items()])
def test_odd_key_keeps_no_good_one_out(issuer, odd):
    issuer.behaviour = serve(key_set(odd, key("EdDSA")))
    _, keys = fetch_keys(issuer.url, [])
    assert "eddsa" in [each.kid for each in keys]


def test_white_space_before_a_set_does_not_matter(issuer):
    issuer.behaviour = serve(b"\r\n\t " + key_set(odd_texts()["a PEM within a good JWK"]))
    assert [each.kid for each in fetch_keys(issuer.url, [])[1]] == ["eddsa"]


def test_keys_beyond_the_thirty_second_are_left_out(issuer):
    issuer.behaviour = serve(key_set(*(key("ES256", f"key-{number}") for number in range(33))))
    assert [each.kid for each in fetch_keys(issuer.url, [])[1]] == [f"key-{number}" for number in range(32)]
