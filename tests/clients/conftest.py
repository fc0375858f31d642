import secrets

import pytest

from tests.clients import programs


@pytest.fixture(scope="package")
def packages():
    return programs.installed()


@pytest.fixture
def user_id():
    """Percent-encoded in a path, by a client that knows its trade."""
    return f"walker é {secrets.token_hex(4)}"
