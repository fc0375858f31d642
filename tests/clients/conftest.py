import secrets

import pytest
from django.db import connection

from tests.clients import programs


@pytest.fixture(scope="package", autouse=True)
def one_database(django_db_setup):
    if connection.vendor != "sqlite":
        pytest.skip("the document is the same on every database: its clients are tried on SQLite")


@pytest.fixture(scope="package")
def packages(one_database):
    return programs.installed()


@pytest.fixture
def user_id():
    """Percent-encoded in a path, by a client that knows its trade."""
    return f"walker é {secrets.token_hex(4)}"
