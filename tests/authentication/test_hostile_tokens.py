"""Hostile tokens: each is answered like any other that is not valid, to the byte, and nothing asks the database.

`corpus` has the tokens. `test_hostile_headers` has what needs a real socket.
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.authentication.corpus import ALGORITHMS, KEYS
from tests.authentication.corpus.algorithms import NO_ALGORITHM, OTHER_ALGORITHM
from tests.authentication.corpus.answers import EMPTY_LIST, NO_TOKEN, NOT_ALLOWED, NOT_VALID
from tests.authentication.corpus.building import valid, with_another_payload
from tests.authentication.corpus.claims import PARTIES, SUBJECTS, TIMES
from tests.authentication.corpus.headers import CRITICAL, KEY_IDS, TYPES
from tests.authentication.corpus.json_texts import JSON
from tests.authentication.corpus.pointers import POINTERS
from tests.authentication.corpus.shapes import ENCODINGS, SHAPES, SIZES
from tests.authentication.corpus.signatures import SIGNATURES
from tests.authentication.corpus.taken import TAKEN
from tests.authentication.key_server import KeyServer, key_set, serve
from tests.authentication.tokens import (
    AUDIENCE,
    ISSUER,
    claims,
    decoded,
    header,
    key,
    part,
    sign,
    sign_parts,
    sign_with_secret,
    with_signature,
)
from tests.conftest import OWNER, STRANGER
from tests.support.tokens import ask_for_tokens

# What is refused asks no database.
pytestmark = pytest.mark.run_once("sqlite")

TOPICS = [
    NO_ALGORITHM,
    OTHER_ALGORITHM,
    KEY_IDS,
    CRITICAL,
    TYPES,
    SHAPES,
    ENCODINGS,
    SIZES,
    JSON,
    TIMES,
    PARTIES,
    SUBJECTS,
    SIGNATURES,
]
REFUSED = [pytest.param(*row, id=name) for topic in TOPICS for name, row in topic.items()]
TASKS = f"/api/{OWNER}/tasks"


def rows(table):
    return [pytest.param(*row, id=name) for name, row in table.items()]


@pytest.fixture
def strict(api, settings, monkeypatch):
    """The API in this process, configured as the corpus says."""
    keys = key_set(*map(key, KEYS)).decode()
    checked = {"AUTH_ALGORITHMS": ALGORITHMS, "AUTH_ISSUER": [ISSUER], "AUTH_AUDIENCE": [AUDIENCE]}
    ask_for_tokens(settings, monkeypatch, AUTH_JWT_SECRET="", AUTH_JWT_PUBLIC_KEY=keys, **checked)
    return api


@pytest.fixture
def ask(strict):
    """A list's answer to the whole value of an Authorization header: the status, the body, and the challenge."""

    def ask(authorization, path=TASKS):
        response = strict.send("GET", path, authorization=authorization)
        return response.status_code, response.content, response.headers.get("WWW-Authenticate")

    return ask


@pytest.fixture
def reasons(capfd):
    """Why requests were refused since the last call, by their log lines."""
    return lambda: [json.loads(line).get("refused") for line in capfd.readouterr().out.splitlines()]


@pytest.fixture
def elsewhere():
    """A server that has the forger's key."""
    with KeyServer(serve(key_set(key("EdDSA", "forged")))) as server:
        yield server


# The corpus


@pytest.mark.parametrize(("build", "reason"), REFUSED)
def test_hostile_token_is_refused_before_any_statement(ask, reasons, statements, build, reason):
    assert ask(f"Bearer {build()}") == NOT_VALID
    assert (reasons(), statements) == ([reason], [])


@pytest.mark.parametrize(("build", "reason"), rows(POINTERS))
def test_token_that_points_elsewhere_is_refused_unasked(ask, reasons, statements, elsewhere, build, reason):
    assert ask(f"Bearer {build(elsewhere.url)}") == NOT_VALID
    assert (reasons(), statements, elsewhere.requests) == ([reason], [], [])


@pytest.mark.parametrize("build", [pytest.param(build, id=name) for name, build in TAKEN.items()])
def test_valid_token_that_looks_odd_is_taken(ask, build):
    assert ask(f"Bearer {build()}") == EMPTY_LIST


def test_corpus_is_large_and_has_no_row_twice():
    names = [row.id for row in REFUSED]
    assert len(set(names)) == len(names) >= 200


# The kinds of keys


def test_key_for_one_algorithm_of_rsa_takes_no_other(strict, settings, reasons):
    settings.AUTH_ALGORITHMS = []
    wrong = [sign_parts(part(header(key(of), alg=alg)), part(claims()), key(of), alg) for of, alg in SWAPPED]
    answers = [strict.send("GET", TASKS, authorization=f"Bearer {token}").content for token in wrong]
    assert answers == [NOT_VALID[1]] * 2
    assert reasons() == ["algorithm not allowed"] * 2


# The key, and the algorithm that it is not for.
SWAPPED = [("RS256", "PS256"), ("PS256", "RS256")]
SECRET = "a shared secret of thirty-two bytes or more"
OF_A_SECRET = {
    "the secret": (lambda: sign_with_secret(claims(), SECRET.encode()), None),
    "another secret": (lambda: sign_with_secret(claims(), SECRET.upper().encode()), "bad signature"),
    "the secret and more": (lambda: sign_with_secret(claims(), SECRET.encode() + b"\n"), "bad signature"),
    "HS512": (lambda: sign_with_secret(claims(), SECRET.encode(), "sha512", alg="HS512"), "algorithm not allowed"),
    "HS256 that says HS384": (
        lambda: sign_with_secret(claims(), SECRET.encode(), alg="HS384"),
        "algorithm not allowed",
    ),
    "a kid": (lambda: sign_with_secret(claims(), SECRET.encode(), kid="../../dev/null"), None),
    "a public key": (lambda: sign(claims(), key("EdDSA")), "algorithm not allowed"),
    "a public key in the header": (
        lambda: sign(claims(), key("RS256"), jwk=key("RS256").jwk),
        "algorithm not allowed",
    ),
    "none": (lambda: sign_with_secret(claims(), SECRET.encode(), alg="none"), "algorithm not allowed"),
}


@pytest.mark.parametrize(("build", "reason"), rows(OF_A_SECRET))
def test_shared_secret_takes_nothing_but_its_own(ask, settings, reasons, build, reason):
    settings.AUTH_JWT_PUBLIC_KEY, settings.AUTH_JWT_SECRET, settings.AUTH_ALGORITHMS = "", SECRET, []
    assert ask(f"Bearer {build()}") == (NOT_VALID if reason else EMPTY_LIST)
    assert reasons() == [reason]


# The answer


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_refusal_has_the_same_headers_whatever_is_wrong(strict, method):
    tokens = ["", "a.b.c", valid(exp=1), valid(sub=""), valid(iss="x"), sign(claims(), key("RS256"))]
    answers = [strict.send(method, TASKS, b"{", authorization=f"Bearer {token}") for token in tokens]
    assert [dict(answer.headers) for answer in answers] == [dict(answers[0].headers)] * len(tokens)
    assert {answer.status_code for answer in answers} == {401}


def test_what_is_kept_of_a_verified_token_helps_no_other(ask):
    token = valid()
    others = [valid(exp=1), token + "A", token[:-1], with_signature(token, bytes(64)), with_another_payload(token)]
    for other in others:
        assert [ask(f"Bearer {each}") for each in (token, other, token)] == [EMPTY_LIST, NOT_VALID, EMPTY_LIST]


# Who the subject is


PATHS = {
    "the same": (OWNER, OWNER, EMPTY_LIST),
    "another": (STRANGER, OWNER, NOT_ALLOWED),
    "another of the same letters": (OWNER.upper(), OWNER, NOT_ALLOWED),
    "a space behind the subject": (f"{OWNER} ", OWNER, NOT_ALLOWED),
    "a space behind the path": (OWNER, f"{OWNER}%20", NOT_ALLOWED),
    "a prefix": (OWNER[:-1], OWNER, NOT_ALLOWED),
    "a path that is encoded": (OWNER, "%6Fwner", EMPTY_LIST),
    "a subject that is encoded": ("%6Fwner", OWNER, NOT_ALLOWED),
    "a subject that looks encoded, and its path": ("%6Fwner", "%256Fwner", EMPTY_LIST),
    "a path that is encoded twice": (OWNER, "%256Fwner", NOT_ALLOWED),
    "a space": ("an owner", "an%20owner", EMPTY_LIST),
    "a plus in the path for a space": ("an owner", "an+owner", NOT_ALLOWED),
    "composed letters": ("\xf6wner", "%C3%B6wner", EMPTY_LIST),
    "decomposed letters in the path": ("\xf6wner", "o%CC%88wner", NOT_ALLOWED),
    "bytes of Latin-1 in the path": ("\xf6wner", "%F6wner", NOT_ALLOWED),
    "letters outside the basic plane": ("\U0001f600", "%F0%9F%98%80", EMPTY_LIST),
    "255 characters": ("a" * 255, "a" * 255, EMPTY_LIST),
    "dots": ("..", "%2E%2E", EMPTY_LIST),
    "NUL behind the path": (OWNER, f"{OWNER}%00", NOT_ALLOWED),
    "a slash in the path": (OWNER, f"{OWNER}%2Ftasks", NOT_ALLOWED),
    "an empty path": (OWNER, "", NOT_ALLOWED),
    "a list as text": (OWNER, f'["{OWNER}"]', NOT_ALLOWED),
    "me": (OWNER, "me", EMPTY_LIST),
    "me, encoded": (OWNER, "%6D%65", EMPTY_LIST),
    "me in capitals": (OWNER, "ME", NOT_ALLOWED),
    "a user who is named me": ("me", "me", EMPTY_LIST),
    "a user who is named me, elsewhere": ("me", OWNER, NOT_ALLOWED),
}


@pytest.mark.parametrize(("subject", "segment", "answer"), rows(PATHS))
def test_subject_is_compared_with_the_decoded_path(ask, statements, subject, segment, answer):
    assert ask(f"Bearer {valid(sub=subject)}", f"/api/{segment}/tasks") == answer
    assert answer == EMPTY_LIST or statements == []


def test_a_user_who_is_named_me_gets_no_other_list(strict):
    """`me` is the token's user, and nobody else's list, even where an issuer calls a user so."""
    strict.send("POST", "/api/me/tasks", {"title": "a"}, authorization=f"Bearer {valid()}")
    assert strict.send("GET", "/api/me/tasks", authorization=f"Bearer {valid(sub='me')}").content == b"[]"


# The header's value


VALUES = {
    "Bearer": ("Bearer {}", EMPTY_LIST),
    "bearer in small letters": ("bearer {}", EMPTY_LIST),
    "BEARER in capitals": ("BEARER {}", EMPTY_LIST),
    "several spaces": ("Bearer     {}", EMPTY_LIST),
    "nothing": ("", NO_TOKEN),
    "the token alone": ("{}", NO_TOKEN),
    "Basic": ("Basic b3duZXI6c2VjcmV0", NO_TOKEN),
    "Basic with the token": ("Basic {}", NO_TOKEN),
    "Token": ("Token {}", NO_TOKEN),
    "JWT": ("JWT {}", NO_TOKEN),
    "DPoP": ("DPoP {}", NO_TOKEN),
    "a longer scheme": ("Bearerx {}", NO_TOKEN),
    "a longer scheme with a hyphen": ("Bearer-x {}", NO_TOKEN),
    "Basic, then Bearer": ("Basic b3duZXI6c2VjcmV0, Bearer {}", NO_TOKEN),
    "Bearer alone": ("Bearer", NOT_VALID),
    "Bearer and spaces": ("Bearer   ", NOT_VALID),
    "a tab": ("Bearer\t{}", NOT_VALID),
    "a space and a tab": ("Bearer \t{}", NOT_VALID),
    "a tab behind": ("Bearer {}\t", NOT_VALID),
    "a no-break space": ("Bearer\xa0{}", NOT_VALID),
    "a space and a no-break space": ("Bearer \xa0{}", NOT_VALID),
    "a vertical tab": ("Bearer\v{}", NOT_VALID),
    "a next line": ("Bearer \x85{}", NOT_VALID),
    "a trailing comma": ("Bearer {},", NOT_VALID),
    "a leading comma": ("Bearer ,{}", NOT_VALID),
    "quotes": ('Bearer "{}"', NOT_VALID),
    "single quotes": ("Bearer '{}'", NOT_VALID),
    "angle brackets": ("Bearer <{}>", NOT_VALID),
    "a colon": ("Bearer: {}", NOT_VALID),
    "an equals sign": ("Bearer={}", NOT_VALID),
    "a parameter": ("Bearer token={}", NOT_VALID),
    "a parameter behind": ('Bearer {}, realm="x"', NOT_VALID),
    "the token twice": ("Bearer {0} {0}", NOT_VALID),
    "two credentials": ("Bearer {0}, Bearer {0}", NOT_VALID),
    "Bearer twice": ("Bearer Bearer {}", NOT_VALID),
    "undefined": ("Bearer undefined", NOT_VALID),
    "null": ("Bearer null", NOT_VALID),
}


@pytest.mark.parametrize(("value", "answer"), rows(VALUES))
def test_only_the_scheme_bearer_with_one_token_counts(ask, value, answer):
    assert ask(value.format(valid())) == answer


@pytest.mark.parametrize(
    "path", [f"{TASKS}?access_token={{}}", f"{TASKS}?Authorization=Bearer%20{{}}", f"{TASKS}?token={{}}"]
)
def test_token_in_the_query_is_not_taken(strict, path):
    response = strict.send("GET", path.format(valid()))
    assert (response.status_code, response.content, response["WWW-Authenticate"]) == NO_TOKEN


@pytest.mark.parametrize(
    "headers",
    [{"x_authorization": "Bearer {}"}, {"x_forwarded_user": OWNER}, {"x_access_token": "{}"}, {"cookie": "token={}"}],
)
def test_token_in_another_header_is_not_taken(strict, headers):
    response = strict.send("GET", TASKS, **{name: value.format(valid()) for name, value in headers.items()})
    assert (response.status_code, response.content, response["WWW-Authenticate"]) == NO_TOKEN


def test_token_in_a_form_is_not_taken(strict):
    body = f"access_token={valid()}".encode()
    response = strict.send("POST", TASKS, body, "application/x-www-form-urlencoded")
    assert (response.status_code, response.content, response["WWW-Authenticate"]) == NO_TOKEN


# Mutations


FUZZ = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
# Where to change, how many bytes go, and what comes in their place.
EDITS = st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1)


def edited(data, place, gone, come):
    start = round(place * len(data))
    return data[:start] + come + data[start + gone :]


@FUZZ
@given(edits=EDITS)
def test_mutated_token_is_refused_unless_it_is_the_same(ask, edits):
    """The bytes of its header, payload and signature."""
    token = valid()
    parts = [decoded(text) for text in token.split(".")]
    for place, where, gone, come in edits:
        parts[place] = edited(parts[place], where, gone, come)
    mutated = ".".join(map(part, parts))
    # The service keeps this one, and the other must not pass for it.
    assert ask(f"Bearer {token}") == EMPTY_LIST
    assert ask(f"Bearer {mutated}") == (EMPTY_LIST if mutated == token else NOT_VALID)


@FUZZ
@given(where=st.floats(0, 1), gone=st.integers(0, 3), come=st.text(st.characters(max_codepoint=255), max_size=3))
def test_mutated_text_is_refused_unless_it_is_the_same(ask, where, gone, come):
    token = valid()
    mutated = edited(token, where, gone, come)
    assert ask(f"Bearer {token}") == EMPTY_LIST
    assert ask(f"Bearer {mutated}") == (EMPTY_LIST if mutated.lstrip(" ") == token else NOT_VALID)


@FUZZ
@given(edits=EDITS)
def test_mutated_and_signed_token_never_fails(ask, edits):
    """The signature is right, so that all that comes after it reads the mutated bytes."""
    parts = [json.dumps(header(key("EdDSA"))).encode(), json.dumps(claims()).encode(), b""]
    for place, where, gone, come in edits:
        parts[place] = edited(parts[place], where, gone, come)
    token = sign_parts(part(parts[0]), part(parts[1]), key("EdDSA"))
    assert ask(f"Bearer {token}") in (NOT_VALID, NOT_ALLOWED, EMPTY_LIST)


@FUZZ
@given(
    headers=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "zip", "cty", "jwk"]), JSON_VALUES),
    payload=st.dictionaries(st.sampled_from(["sub", "exp", "nbf", "iat", "iss", "aud", "jti"]), JSON_VALUES),
)
def test_members_of_any_kind_never_fail(ask, headers, payload):
    token = sign(claims(**payload), key("EdDSA"), **headers)
    assert ask(f"Bearer {token}") in (NOT_VALID, NOT_ALLOWED, EMPTY_LIST)
