"""`issue_token`: a token for development that the service takes."""

import jwt
import pytest

from tests.conftest import SECRET_OF_TOKENS
from tests.support.commands import failing, refusal, run

pytestmark = pytest.mark.run_once("sqlite")


def claims_of(token):
    return jwt.decode(token.strip(), options={"verify_signature": False})


def test_token_says_what_the_service_asks_of_it(settings):
    settings.AUTH_JWT_SECRET = SECRET_OF_TOKENS
    settings.AUTH_ISSUER, settings.AUTH_AUDIENCE, settings.AUTH_USER_CLAIM = ["here", "there"], ["tasks"], "user.id"

    token, curl = run("issue_token", "user-1", "--ttl", "2h")

    claims = claims_of(token)
    assert claims.pop("exp") - claims.pop("iat") == 7200
    assert claims == {"iss": "here", "aud": "tasks", "user": {"id": "user-1"}}
    assert curl == f'curl -H "Authorization: Bearer {token.strip()}" http://127.0.0.1:8000/api/me/tasks\n'


def test_curl_line_has_the_path_prefix(settings):
    settings.AUTH_JWT_SECRET, settings.SCRIPT_NAME = SECRET_OF_TOKENS, "/svc"
    assert run("issue_token", "user-1")[1].endswith(" http://127.0.0.1:8000/svc/api/me/tasks\n")


def test_token_lasts_15_minutes_by_default(settings):
    settings.AUTH_JWT_SECRET = SECRET_OF_TOKENS

    claims = claims_of(run("issue_token", "user-1")[0])
    assert claims["exp"] - claims["iat"] == 900


def test_without_the_secret_no_token_can_be_made():
    no_secret = "AUTH_JWT_SECRET is not set: without it this service cannot make tokens."
    assert failing("issue_token", "user-1") == ("", no_secret)


@pytest.mark.parametrize("ttl", ["15", "0m", "1w", "m", "-5m", "1.5h", "１5m"])
def test_lifetime_that_is_none_is_refused(capsys, ttl):
    wants = f"must be a number with s, m, h or d behind it, such as 15m or 12h, not {ttl!r}"
    assert refusal(capsys, "issue_token", "user-1", f"--ttl={ttl}") == (1, f"argument --ttl: {wants}\n")


@pytest.mark.parametrize("user_id", ["", "a/b", "a\nb", "x" * 256])
def test_user_who_cannot_stand_in_a_path_is_refused(capsys, user_id):
    code, said = refusal(capsys, "issue_token", user_id)
    assert (code, said.startswith("argument user_id: ")) == (1, True)
