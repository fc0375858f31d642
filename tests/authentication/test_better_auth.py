"""Tokens of a real Better Auth, and the service configured for it as docs/authentication.md says."""

import json
import re

import jwt
import pytest

from tests.authentication.better_auth.issuer import Account, BetterAuth
from tests.clients.walked import without_times
from tests.conftest import JSON, new_database
from tests.support.client import connect
from tests.support.service import ROOT, Gunicorn
from tests.support.waiting import until

pytestmark = pytest.mark.run_once("sqlite")

PAGE = ROOT / "docs" / "authentication.md"

NOT_VALID = (401, {"detail": "The token is not valid"})
NOT_ALLOWED = (403, {"detail": "Not allowed to access another user's tasks"})


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with BetterAuth(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
def ada(issuer):
    return Account(issuer)


@pytest.fixture
def bob(issuer):
    return Account(issuer)


def variables(block):
    """Those of one of the blocks that the page has for Better Auth."""
    section = PAGE.read_text().partition("\n## Better Auth\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\n(AUTH_.*?)```", section, re.DOTALL)
    return dict(re.findall(r"^(AUTH_\w+)=(\S+)", blocks[block], re.MULTILINE))


def configured(tmp_path_factory, environment):
    folder = tmp_path_factory.mktemp("service")
    with new_database(folder) as url, Gunicorn(url, folder / "log", **environment) as service:
        yield service


@pytest.fixture(scope="module")
def token_before_rotation(issuer):
    """Of the key that signed before the present one."""
    token = Account(issuer).token()
    issuer.expire_keys()
    assert kid_of(Account(issuer).token()) != kid_of(token)
    return token


@pytest.fixture(scope="module")
def service(issuer, token_before_rotation, tmp_path_factory):
    ours = {name: value.replace("https://app.example.com", issuer.url) for name, value in variables(0).items()}
    yield from configured(tmp_path_factory, ours)


@pytest.fixture(scope="module")
def secret_service(issuer, tmp_path_factory):
    yield from configured(tmp_path_factory, variables(1) | {"AUTH_JWT_SECRET": issuer.secret})


def send(service, token, method, path, body=None):
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {token}"}
    with connect(service) as connection:
        answer = connection.send(method, path, None if body is None else json.dumps(body), headers)
    return answer.status, json.loads(answer.body)


def is_accepted(service, token):
    answer = send(service, token, "GET", "/api/me/tasks")
    assert answer in [(200, []), NOT_VALID]
    return answer == (200, [])


def assert_walked(service, token, user, user_id):
    """The six operations. `user` is in the paths, and `user_id` in the answers."""

    def step(method, path="", body=None):
        status, answer = send(service, token, method, f"/api/{user}/tasks{path}", body)
        return status, without_times(answer)

    status, task = step("POST", body={"title": "Walk"})
    members = {"user_id": user_id, "title": "Walk", "description": None, "is_completed": False}
    assert (status, task) == (201, {"id": task["id"]} | members)
    one = f"/{task['id']}"
    assert step("GET") == (200, [task])
    assert step("GET", one) == (200, task)
    changed = task | {"title": "Run"}
    assert step("PUT", one, {"title": "Run"}) == (200, changed)
    assert step("PATCH", f"{one}/complete") == (200, changed | {"is_completed": True})
    assert step("DELETE", one) == (200, {"message": "Task deleted successfully"})
    assert step("GET") == (200, [])


def claims_of(token):
    """The header, and the claims without the account's own members and the session."""
    claims = jwt.decode(token, options={"verify_signature": False})
    kept = {name: claims[name] for name in ("iss", "aud", "sub") if name in claims}
    return jwt.get_unverified_header(token), kept, claims["exp"] - claims["iat"]


def kid_of(token):
    return jwt.get_unverified_header(token)["kid"]


# Tokens of the JWT plugin


def test_token_names_the_issuer_by_its_origin_and_lasts_15_minutes(issuer, ada):
    header, claims, seconds = claims_of(ada.token())
    assert header == {"alg": "EdDSA", "kid": header["kid"]}
    assert claims == {"iss": issuer.url, "aud": issuer.url, "sub": ada.id}
    assert seconds == 15 * 60


def test_walks_the_operations_under_me_and_under_the_id(service, ada):
    for user in ("me", ada.id):
        assert_walked(service, ada.token(), user, ada.id)


def test_another_users_path_is_refused(service, ada, bob):
    assert send(service, bob.token(), "GET", f"/api/{ada.id}/tasks") == NOT_ALLOWED


def test_token_of_the_key_before_is_accepted(service, token_before_rotation):
    assert is_accepted(service, token_before_rotation)


def test_removed_key_is_refused_once_a_new_one_is_known(issuer, service, ada):
    old = ada.token()
    assert is_accepted(service, old)
    issuer.remove_key(kid_of(old))
    ada.log_in()
    new = ada.token()
    assert not is_accepted(service, new)
    # The service now fetches the keys, in the background.
    until(lambda: is_accepted(service, new))
    until(lambda: not is_accepted(service, old))


# The session's cookie, signed with the secret


def test_cookie_names_the_user_alone_and_lasts_5_minutes(ada):
    header, claims, seconds = claims_of(ada.session_data())
    assert header == {"alg": "HS256"}
    assert claims == {}
    assert seconds == 5 * 60


def test_cookie_walks_the_operations_under_me_and_under_the_id(secret_service, ada):
    for user in ("me", ada.id):
        assert_walked(secret_service, ada.session_data(), user, ada.id)


def test_cookie_of_another_user_is_refused(secret_service, ada, bob):
    assert send(secret_service, bob.session_data(), "GET", f"/api/{ada.id}/tasks") == NOT_ALLOWED


def test_service_with_the_secret_takes_no_token_of_a_public_key(secret_service, ada):
    assert not is_accepted(secret_service, ada.token())


def test_service_with_public_keys_takes_no_token_of_the_secret(service, ada):
    assert not is_accepted(service, ada.session_data())
