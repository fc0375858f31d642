"""Hostile tokens through a real socket, where the framing of HTTP matters, to a service that fetches its keys."""

import time

import pytest

from tests.authentication.corpus import ALGORITHMS, KEYS
from tests.authentication.corpus.answers import EMPTY_LIST, NO_TOKEN, NOT_VALID
from tests.authentication.corpus.building import valid
from tests.authentication.corpus.pointers import POINTERS
from tests.authentication.key_server import KeyServer, key_set, serve
from tests.authentication.tokens import AUDIENCE, ISSUER, key
from tests.conftest import OWNER, new_database
from tests.support.service import Gunicorn
from tests.support.wire import exchange, request, with_body

# No database plays a part.
pytestmark = pytest.mark.run_once("sqlite")

TASKS = f"/api/{OWNER}/tasks"


@pytest.fixture(scope="module")
def issuer():
    with KeyServer(serve(key_set(*map(key, KEYS)))) as server:
        yield server


@pytest.fixture(scope="module")
def service(issuer, tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("strict")
    variables = {"AUTH_JWKS_URL": issuer.url, "AUTH_ISSUER": ISSUER, "AUTH_AUDIENCE": AUDIENCE}
    variables["AUTH_ALGORITHMS"] = ",".join(ALGORITHMS)
    with new_database(folder) as url, Gunicorn(url, folder / "log", **variables) as running:
        yield running


def outcome(service, sent):
    [answer] = exchange(service.port, sent)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


FRAMINGS = {
    "one header": ([b"Authorization: Bearer %b"], EMPTY_LIST),
    "its name in other letters": ([b"aUTHORIZATION: bearer %b"], EMPTY_LIST),
    "no space before the value": ([b"Authorization:Bearer %b"], EMPTY_LIST),
    "white space around the value": ([b"Authorization: \t Bearer %b \t"], EMPTY_LIST),
    "two headers": ([b"Authorization: Bearer %b"] * 2, NOT_VALID),
    "another scheme first": ([b"Authorization: Basic eDp5", b"Authorization: Bearer %b"], NO_TOKEN),
    "another scheme second": ([b"Authorization: Bearer %b", b"Authorization: Basic eDp5"], NOT_VALID),
    "an empty header first": ([b"Authorization:", b"Authorization: Bearer %b"], NO_TOKEN),
    "an empty header second": ([b"Authorization: Bearer %b", b"Authorization:"], NOT_VALID),
    "a tab": ([b"Authorization: Bearer\t%b"], NOT_VALID),
    "a byte that is not ASCII": ([b"Authorization: Bearer %b\xff"], NOT_VALID),
    "UTF-8": ([b"Authorization: Bearer %b\xc3\xa9"], NOT_VALID),
    "a name with an underscore": ([b"HTTP_AUTHORIZATION: Bearer %b"], NO_TOKEN),
    "a name with a space": ([b"Authorization : Bearer %b"], 400),
    "a folded value": ([b"Authorization: Bearer\r\n %b"], 400),
    "NUL": ([b"Authorization: Bearer %b\0"], 400),
    "a carriage return": ([b"Authorization: Bearer %b\rX: y"], 400),
    "100 KB": ([b"Authorization: Bearer %b." + b"a" * 100_000], 431),
    "8,100 bytes of dots": ([b"Authorization: Bearer %b" + b"." * 7_000], NOT_VALID),
}


@pytest.mark.own_worker
@pytest.mark.parametrize(("fields", "answer"), [pytest.param(*row, id=name) for name, row in FRAMINGS.items()])
def test_header_counts_as_a_whole_and_once(service, fields, answer):
    sent = request("GET", TASKS, *(field.replace(b"%b", valid().encode()) for field in fields))
    got = outcome(service, sent)
    # What is no HTTP is refused before anything reads a token.
    assert (got if isinstance(answer, tuple) else got[0]) == answer


def test_token_in_the_body_is_not_taken(service):
    sent = with_body(
        "POST", TASKS, f"access_token={valid()}".encode(), content_type="application/x-www-form-urlencoded"
    )
    assert outcome(service, sent) == NO_TOKEN


def test_token_is_looked_at_before_the_body(service):
    """The body has come, as each does before a request gets a thread, but nobody has read that it is no JSON."""
    sent = with_body("POST", TASKS, b"[" * 100_000, "Authorization: Bearer a.b.c")
    assert outcome(service, sent) == NOT_VALID


def test_no_token_makes_the_service_ask_another_server(service):
    with KeyServer(serve(key_set(key("EdDSA", "forged")))) as elsewhere:
        for build, _ in POINTERS.values():
            sent = request("GET", TASKS, f"Authorization: Bearer {build(elsewhere.url)}")
            assert outcome(service, sent) == NOT_VALID
        # A process looks every second whether keys are wanted.
        time.sleep(2.5)
        assert elsewhere.requests == []


def test_refusals_leave_no_traceback(service):
    assert "Traceback" not in service.log.read_text()
