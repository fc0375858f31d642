"""What apps and extensions may do with the API, whose pages do not come by http."""

import pytest

from tests.conftest import new_database
from tests.http.test_cors_headers import PREFLIGHT
from tests.support.client import connect
from tests.support.service import Gunicorn

pytestmark = pytest.mark.run_once("sqlite")

LISTED = [
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "http://tauri.localhost",
    "https://localhost",
    "app://.",
    "app://obsidian.md",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0c3f4d9e-5b6a-4f6e-9d0c-2a1b3c4d5e6f",
    "safari-web-extension://0C3F4D9E-5B6A-4F6E-9D0C-2A1B3C4D5E6F",
]
OTHERS = [
    "null",
    "capacitor://localhost:80",
    "capacitor://other",
    "ionic://localhost.evil",
    "app://",
    "app:",
    "://",
    "[",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("apps")
    with new_database(folder) as url, Gunicorn(url, folder / "log", CORS_ALLOWED_ORIGINS=",".join(LISTED)) as running:
        yield running


def ask(service, method, origin, **headers):
    """The status and the CORS headers."""
    with connect(service) as connection:
        answer = connection(method, "/api/of-an-app/tasks", headers={"Origin": origin} | headers)
    cors = {name.title(): value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}
    return answer.status, cors


@pytest.mark.parametrize("origin", LISTED)
def test_listed_app_may_call(service, origin):
    expected = PREFLIGHT | {"Access-Control-Allow-Origin": origin}
    assert ask(service, "OPTIONS", origin, **{"Access-Control-Request-Method": "POST"}) == (200, expected)
    only_preflight = ("Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Max-Age")
    readable = {name: value for name, value in expected.items() if name not in only_preflight}
    assert ask(service, "GET", origin) == (200, readable)


@pytest.mark.parametrize("origin", OTHERS)
def test_app_that_is_not_listed_reads_nothing(service, origin):
    assert ask(service, "OPTIONS", origin, **{"Access-Control-Request-Method": "POST"})[1] == {}
    assert ask(service, "GET", origin) == (200, {})
