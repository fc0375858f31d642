import pytest

from tests.conftest import new_database
from tests.support.service import Service
from tests.support.tokens import SECRET, TokenClient, ask_for_tokens

ORIGIN = "https://app.example"
METRICS_TOKEN = "only-for-tests-0123456789"


@pytest.fixture
def guarded(api, settings, monkeypatch):
    """The API in this process, which asks for tokens. Each of its statements is checked to be bound by user_id."""
    ask_for_tokens(settings, monkeypatch)
    return TokenClient(raise_request_exception=False)


@pytest.fixture(scope="package")
def guarded_service(tmp_path_factory, django_db_setup):
    """The service with a secret for tokens, as its variables alone make it."""
    folder = tmp_path_factory.mktemp("guarded")
    variables = {"AUTH_JWT_SECRET": SECRET, "METRICS_TOKEN": METRICS_TOKEN, "CORS_ALLOWED_ORIGINS": ORIGIN}
    with new_database(folder) as url, Service(url, folder / "log", **variables) as running:
        yield running
