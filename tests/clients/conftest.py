import secrets

import pytest

from tests.clients import programs


@pytest.fixture(scope="package")
def packages():
    return programs.installed()


@pytest.fixture
def user_id():
    """A correct client percent-encodes the space and the é in a path."""
    return f"walker é {secrets.token_hex(4)}"
