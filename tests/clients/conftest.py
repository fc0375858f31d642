import secrets

import pytest

from tests.clients import typescript
from tests.clients.programs import HERE
from tests.support import npm


@pytest.fixture(scope="package")
def packages():
    return npm.installed(HERE)


@pytest.fixture(scope="package")
def typescript_project(packages, tmp_path_factory):
    module = typescript.module_of_the_page()
    return typescript.made(tmp_path_factory.mktemp("typescript"), packages, "openapi.json", module)


@pytest.fixture
def user_id():
    """A correct client percent-encodes the space and the é in a path."""
    return f"walker é {secrets.token_hex(4)}"
