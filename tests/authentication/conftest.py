import pytest

from tests.support.tokens import TokenClient, ask_for_tokens


@pytest.fixture
def guarded(api, settings, monkeypatch):
    """The API in this process, which asks for tokens. Each of its statements is checked to be bound by user_id."""
    ask_for_tokens(settings, monkeypatch)
    return TokenClient(raise_request_exception=False)
