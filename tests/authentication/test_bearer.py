"""The contract's table of who is asking: each row, on each operation, before any statement and before the body."""

import json
import time

import jwt
import pytest

from tests.authentication.tokens import LEFT_OUT, claims, key, sign, sign_with_secret
from tests.conftest import OWNER, SECRET_OF_TOKENS, STRANGER
from tests.support.tokens import authorization_of, token_of
from todo_project.authentication import keys

NEVER = "01980000-0000-7000-8000-000000000000"
OPERATIONS = [
    ("GET", "/tasks", b""),
    ("HEAD", "/tasks", b""),
    ("POST", "/tasks", {"title": "A task"}),
    ("POST", "/tasks", b"{"),
    ("GET", f"/tasks/{NEVER}", b""),
    ("PUT", f"/tasks/{NEVER}", {"title": 5}),
    ("DELETE", f"/tasks/{NEVER}", b""),
    ("PATCH", f"/tasks/{NEVER}/complete", b""),
    ("PUT", "/tasks", b""),
    ("GET", "/tasks?is_completed=true&limit=1", b""),
    ("GET", "/tasks?limit=0&cursor=x&sort=x", b""),
    ("POST", "/tasks/batch", {"tasks": [{"title": "A task"}]}),
    ("POST", "/tasks/batch", {"tasks": 5}),
    ("GET", "/tasks/batch", b""),
    ("PATCH", "/tasks?q=a", {"is_completed": True}),
    ("PATCH", "/tasks?misspelt=a", b"{"),
    ("DELETE", "/tasks?is_completed=true", b""),
    ("DELETE", "/tasks", b""),
]
NO_TOKEN = (401, "Bearer", b'{"detail":"Not authenticated"}')
NOT_VALID = (401, 'Bearer error="invalid_token"', b'{"detail":"The token is not valid"}')
NOT_ALLOWED = (403, None, b'{"detail":"Not allowed to access another user\'s tasks"}')

every_operation = pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)


def answer(response):
    return response.status_code, response.headers.get("WWW-Authenticate"), response.content


def without_body(expected, method):
    return (*expected[:2], b"") if method == "HEAD" else expected


@every_operation
def test_no_credentials(guarded, statements, method, path, body):
    response = guarded.send(method, f"/api/{OWNER}{path}", body, authorization="")

    assert answer(response) == without_body(NO_TOKEN, method)
    assert statements == []


HEADERS = {"if_match": "malformed", "if_none_match": "", "idempotency_key": "a b"}


@every_operation
def test_headers_that_are_not_valid_are_not_read_before_the_token(guarded, statements, method, path, body):
    for credentials, expected in (({"authorization": ""}, NO_TOKEN), ({"of": STRANGER}, NOT_ALLOWED)):
        response = guarded.send(method, f"/api/{OWNER}{path}", body, **HEADERS | credentials)
        assert answer(response) == without_body(expected, method)
        assert "ETag" not in response.headers
    assert statements == []


@every_operation
def test_token_that_is_not_valid(guarded, statements, method, path, body):
    expired = token_of(OWNER, exp=int(time.time()) - 3600)
    response = guarded.send(method, f"/api/{OWNER}{path}", body, authorization=f"Bearer {expired}")

    assert answer(response) == without_body(NOT_VALID, method)
    assert statements == []


@every_operation
def test_token_of_another_user(guarded, statements, method, path, body):
    response = guarded.send(method, f"/api/{OWNER}{path}", body, of=STRANGER)

    assert answer(response) == without_body(NOT_ALLOWED, method)
    assert statements == []


@pytest.mark.parametrize("user_id", ["", "%00", "%ff", "x" * 256, "owner%20", "OWNER"])
def test_path_that_names_nobody_or_someone_like_the_user(guarded, user_id):
    assert answer(guarded.send("GET", f"/api/{user_id}/tasks", of=OWNER)) == NOT_ALLOWED


def test_answer_to_a_stranger_tells_nothing_of_a_task(guarded):
    task = guarded.create(OWNER)
    paths = [f"/api/{OWNER}/tasks/{task_id}" for task_id in (task["id"], NEVER, "no-uuid")]

    for credentials in ("", "Bearer x.y.z", authorization_of(STRANGER)):
        answers = [guarded.send("GET", path, authorization=credentials) for path in paths]
        assert len({(response.status_code, response.content, str(response.headers)) for response in answers}) == 1


def test_anothers_task_under_the_own_path_is_not_found(guarded):
    task = guarded.create(OWNER)
    response = guarded.send("GET", f"/api/{STRANGER}/tasks/{task['id']}")

    assert (response.status_code, response.json()) == (404, {"detail": "Task not found"})


def test_token_is_taken_whatever_the_letters_of_the_scheme(guarded):
    for scheme in ("Bearer", "bearer", "BEARER"):
        response = guarded.send("GET", f"/api/{OWNER}/tasks", authorization=f"{scheme} {token_of(OWNER)}")
        assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("credentials", ["Basic b3duZXI6", "Token x", "Bearers x", "x", ","])
def test_another_scheme_is_no_token(guarded, credentials):
    assert answer(guarded.send("GET", f"/api/{OWNER}/tasks", authorization=credentials)) == NO_TOKEN


# The subject


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("user.id", {"user": {"id": OWNER}}),
        ("https://app.example.com/user", {"https://app.example.com/user": OWNER}),
        ("a.b", {"a.b": OWNER, "a": {"b": STRANGER}}),
    ],
)
def test_subject_is_the_claim_of_the_settings(guarded, settings, claim, claims):
    settings.AUTH_USER_CLAIM = claim
    token = token_of(STRANGER, **claims)

    assert guarded.send("GET", f"/api/{OWNER}/tasks", authorization=f"Bearer {token}").status_code == 200


@pytest.mark.parametrize("claims", [{}, {"user": OWNER}, {"user": {"id": 5}}, {"user": {"id": ""}}, {"user": []}])
def test_claim_that_does_not_name_a_user(guarded, settings, claims):
    settings.AUTH_USER_CLAIM = "user.id"
    token = token_of(OWNER, **claims)

    assert answer(guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {token}")) == NOT_VALID


@pytest.mark.parametrize(("issuer", "is_taken"), [("a", True), ("b", True), ("c", False), (None, False)])
def test_one_of_the_issuers_will_do(guarded, settings, issuer, is_taken):
    settings.AUTH_ISSUER = ["a", "b"]
    token = token_of(OWNER, **({"iss": issuer} if issuer else {}))

    response = guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {token}")
    assert (response.status_code == 200) == is_taken


@pytest.mark.parametrize(("audience", "is_taken"), [("a", True), (["x", "b"], True), (["x"], False), (None, False)])
def test_one_of_the_audiences_will_do(guarded, settings, audience, is_taken):
    settings.AUTH_AUDIENCE = ["a", "b"]
    token = token_of(OWNER, **({"aud": audience} if audience else {}))

    response = guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {token}")
    assert (response.status_code == 200) == is_taken


def test_audience_that_nobody_asked_for_does_no_harm(guarded):
    token = token_of(OWNER, aud="another service", iss="anyone")

    assert guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {token}").status_code == 200


def test_sub_may_be_anything_where_another_claim_is_the_subject(guarded, settings):
    settings.AUTH_USER_CLAIM = "user"
    token = sign_with_secret({"sub": 5, "user": OWNER, "exp": 2**33}, SECRET_OF_TOKENS.encode())

    assert guarded.send("GET", f"/api/{OWNER}/tasks", authorization=f"Bearer {token}").status_code == 200


@pytest.mark.parametrize(("number", "status"), [(4, 200), (5, 401)])
def test_token_that_names_no_key_tries_four_at_the_most(guarded, settings, number, status):
    several = [key("ES256", f"key-{count}") for count in range(number)]
    settings.AUTH_JWT_SECRET, settings.AUTH_JWT_PUBLIC_KEY = "", json.dumps({"keys": [each.jwk for each in several]})
    named, nameless = (sign(claims(), several[-1], **header) for header in ({}, {"kid": LEFT_OUT}))

    assert guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {named}").status_code == 200
    assert guarded.send("GET", "/api/me/tasks", authorization=f"Bearer {nameless}").status_code == status


# `me`


def test_me_is_the_user_of_the_token_in_each_operation(guarded):
    created = guarded.send("POST", "/api/me/tasks", {"title": "Mine"}, of="ü|1")
    task = created.json()
    one = f"/api/me/tasks/{task['id']}"

    assert (created.status_code, task["user_id"]) == (201, "ü|1")
    assert created["Location"] == f"/api/%C3%BC%7C1/tasks/{task['id']}"
    assert guarded.send("GET", "/api/me/tasks", of="ü|1").json() == [task]
    assert guarded.send("GET", one, of="ü|1").json() == task
    assert guarded.send("PUT", one, {"title": "Still mine"}, of="ü|1").json()["title"] == "Still mine"
    assert guarded.send("PATCH", f"{one}/complete", of="ü|1").json()["is_completed"] is True
    assert guarded.send("GET", "/api/%C3%BC%7C1/tasks", of="ü|1").json()[0]["id"] == task["id"]
    assert guarded.send("DELETE", one, of=STRANGER).status_code == 404
    assert guarded.send("DELETE", one, of="ü|1").status_code == 200


def test_me_is_the_user_of_the_token_in_operations_on_many_tasks(guarded):
    body = {"tasks": [{"title": "Mine"}, {"title": "Too"}]}
    mine = guarded.send("POST", "/api/me/tasks/batch", body, of="ü|1").json()
    page = guarded.send("GET", "/api/me/tasks?limit=1", of="ü|1")
    following = page["Link"].partition("?")[2].partition(">")[0]

    assert page["Link"].startswith("</api/%C3%BC%7C1/tasks?limit=1&cursor=")
    assert guarded.send("GET", f"/api/me/tasks?{following}", of="ü|1").json() == mine[1:]
    assert guarded.send("GET", f"/api/me/tasks?{following}", of=STRANGER).status_code == 422
    for user, count in ((STRANGER, 0), ("ü|1", 1)):
        completed = guarded.send("PATCH", "/api/me/tasks?q=too", {"is_completed": True}, of=user)
        deleted = guarded.send("DELETE", "/api/me/tasks?q=too", of=user)
        assert (completed.json(), deleted.json()) == ({"updated": count}, {"deleted": count})
    assert guarded.send("GET", "/api/%C3%BC%7C1/tasks", of="ü|1").json() == mine[:1]


def test_key_under_me_belongs_to_the_user_of_the_token(guarded):
    for user in ("ü|1", STRANGER):
        response = guarded.send("POST", "/api/me/tasks", {"title": "Mine"}, of=user, idempotency_key="key")
        assert (response.json()["user_id"], "Idempotency-Replayed" in response.headers) == (user, False)


@every_operation
def test_without_authentication_me_is_nobody(api, statements, method, path, body):
    response = api.send(method, f"/api/me{path}", body)

    assert answer(response) == without_body(NO_TOKEN, method)
    assert statements == []


@pytest.mark.parametrize("user_id", ["%6d%65", "m%65"])
def test_without_authentication_me_is_nobody_however_it_is_written(api, user_id):
    assert answer(api.send("GET", f"/api/{user_id}/tasks")) == NO_TOKEN


@pytest.mark.parametrize("user_id", ["Me", "me%20", "mee"])
def test_without_authentication_others_are_users_as_before(api, user_id):
    assert api.send("GET", f"/api/{user_id}/tasks").status_code == 200


# Tokens that were verified before


@pytest.fixture
def decoded(monkeypatch):
    """The tokens that PyJWT was asked to verify."""
    asked, decode = [], jwt.decode
    monkeypatch.setattr(jwt, "decode", lambda token, *args, **rest: asked.append(token) or decode(token, *args, **rest))
    return asked


def ask(client, token):
    return client.send("GET", "/api/me/tasks", authorization=f"Bearer {token}").status_code


def test_token_is_verified_once(guarded, decoded):
    token = token_of(OWNER)

    assert [ask(guarded, token) for _ in range(3)] == [200, 200, 200]
    assert decoded == [token]


def test_token_is_not_kept_beyond_its_expiry(guarded, decoded):
    token = token_of(OWNER, exp=int(time.time()) - 1)

    assert [ask(guarded, token) for _ in range(2)] == [200, 200]
    assert decoded == [token, token]


def test_token_that_is_not_valid_is_not_kept(guarded, decoded):
    token = token_of(OWNER, secret=SECRET_OF_TOKENS[::-1])

    assert [ask(guarded, token) for _ in range(2)] == [401, 401]
    assert decoded == [token, token]


def test_tokens_that_are_kept_are_limited(guarded, decoded, monkeypatch):
    monkeypatch.setattr(keys, "MOST_TOKENS", 2)
    tokens = [token_of(OWNER, jti=str(number)) for number in range(3)]

    assert [ask(guarded, token) for token in [*tokens, *tokens[::-1]]] == [200] * 6
    # The first had to go, and then the second for it.
    assert decoded == [*tokens, tokens[0]]
