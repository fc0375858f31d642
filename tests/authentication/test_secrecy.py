"""What a token says is in no log, traceback, metric or error, with DEBUG on too."""

import time

import jwt
import pytest

from tests.conftest import METRICS_TOKEN, SECRET_OF_TOKENS, new_database
from tests.operations.test_metrics import run_sql
from tests.support.client import connect
from tests.support.service import Gunicorn
from tests.support.waiting import until

PLANTED = "planted7f3a"
CLAIMS = {
    "sub": f"{PLANTED}-subject",
    "iss": f"https://{PLANTED}.example",
    "aud": [f"{PLANTED}-audience"],
    "email": f"{PLANTED}@example.com",
    "name": f"{PLANTED} name",
    "jti": f"{PLANTED}-id",
    "roles": {PLANTED: [PLANTED]},
}
WORKERS = {"our worker": "", "gthread": "--worker-class gthread"}


def token(secret=SECRET_OF_TOKENS, algorithm="HS256", header=None, **claims):
    return jwt.encode(CLAIMS | {"exp": int(time.time()) + 7200} | claims, secret, algorithm, header)


# What is wrong with each of them, and the credentials.
REFUSED = {
    "expired": f"Bearer {token(exp=1)}",
    "not yet valid": f"Bearer {token(nbf=2**40)}",
    "another secret": f"Bearer {token(SECRET_OF_TOKENS[::-1])}",
    "no algorithm": f"Bearer {token(None, 'none')}",
    "another issuer": f"Bearer {token(iss=PLANTED)}",
    "another audience": f"Bearer {token(aud=PLANTED)}",
    "no subject": f"Bearer {token(sub=f'{PLANTED}/')}",
    "no expiry": f"Bearer {token(exp=None)}",
    "no time": f"Bearer {token(exp=PLANTED)}",
    "another type": f"Bearer {token(header={'typ': PLANTED})}",
    "a critical header": f"Bearer {token(header={'crit': [PLANTED], PLANTED: PLANTED})}",
    "an algorithm by name": f"Bearer {token(header={'kid': PLANTED})}x",
    "not a token": f"Bearer {PLANTED}",
    "another scheme": f"Basic {PLANTED}",
    "too long": f"Bearer {PLANTED * 10_000}",
}


@pytest.fixture(scope="module", params=WORKERS)
def talkative(request, tmp_path_factory, django_db_setup):
    """The service with DEBUG on and at LOG_LEVEL=debug, where it says the most."""
    folder = tmp_path_factory.mktemp("secrecy")
    variables = {
        "AUTH_JWT_SECRET": SECRET_OF_TOKENS,
        "AUTH_ISSUER": CLAIMS["iss"],
        "AUTH_AUDIENCE": CLAIMS["aud"][0],
        "DEBUG": "on",
        "LOG_LEVEL": "debug",
        "METRICS_TOKEN": METRICS_TOKEN,
        "GUNICORN_CMD_ARGS": WORKERS[request.param],
    }
    with new_database(folder) as url, Gunicorn(url, folder / "log", **variables) as running:
        yield running


@pytest.fixture
def log(talkative):
    """All that the service has written since the test began, once its last line is there."""
    start = len(talkative.log.read_text())

    def log():
        ask(talkative, "/health", "", X_Request_ID="the-last")
        until(lambda: '"the-last"' in talkative.log.read_text()[start:])
        return talkative.log.read_text()[start:]

    return log


def ask(service, path, authorization, **headers):
    """The status, and the whole answer as text."""
    headers = {"Authorization": authorization} | {name.replace("_", "-"): value for name, value in headers.items()}
    with connect(service) as client:
        answer = client.send("GET", path, None, headers)
    return answer.status, f"{answer.headers}{answer.body.decode()}"


def leaks(credentials, text):
    """The parts of a token, and any claim, that the text holds."""
    parts = [part for part in credentials.split()[1].split(".") if len(part) > 20]
    return [part for part in [*parts, PLANTED, SECRET_OF_TOKENS] if part in text]


@pytest.mark.parametrize("wrong", REFUSED)
def test_token_that_is_refused_is_told_nowhere(talkative, log, wrong):
    status, answer = ask(talkative, "/api/me/tasks", REFUSED[wrong])

    assert status == (431 if wrong == "too long" else 401)
    assert leaks(REFUSED[wrong], answer + log()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/me/tasks", 200),
        ("/api/me/tasks/00000000-0000-7000-8000-000000000000", 404),
        ("/api/me/tasks/none", 404),
        ("/api/me/nothing", 404),
        ("/api/somebody/tasks", 403),
        ("/nothing", 404),
    ],
)
def test_token_that_is_valid_is_told_nowhere(talkative, log, path, expected):
    credentials = f"Bearer {token()}"
    status, answer = ask(talkative, path, credentials)

    assert status == expected
    assert leaks(credentials, answer + log()) == []


def test_traceback_tells_nothing_of_the_token(talkative, log):
    credentials, url = f"Bearer {token()}", talkative.environment["DATABASE_URL"]
    run_sql(url, "ALTER TABLE tasks_task RENAME TO elsewhere")
    try:
        status, answer = ask(talkative, "/api/me/tasks", credentials)
    finally:
        run_sql(url, "ALTER TABLE elsewhere RENAME TO tasks_task")

    logged = log()
    assert status in (500, 503)
    assert status == 503 or "Traceback" in logged
    assert leaks(credentials, answer + logged) == []


def test_page_of_debug_tells_nothing_of_the_token(talkative, log):
    credentials, url = f"Bearer {token()}", talkative.environment["DATABASE_URL"]
    run_sql(url, "ALTER TABLE django_session RENAME TO elsewhere")
    try:
        status, answer = ask(talkative, "/admin/", credentials, Cookie="sessionid=0123456789abcdef0123456789abcdef")
    finally:
        run_sql(url, "ALTER TABLE elsewhere RENAME TO django_session")

    assert (status, "Traceback" in answer) == (500, True)
    assert leaks(credentials, answer + log()) == []


def test_metrics_tell_nothing_of_the_token(talkative):
    for credentials in REFUSED.values():
        ask(talkative, "/api/me/tasks", credentials)
    status, metrics = ask(talkative, "/metrics", f"Bearer {METRICS_TOKEN}")

    assert (status, "authentication_refusals_total" in metrics) == (200, True)
    assert PLANTED not in metrics
