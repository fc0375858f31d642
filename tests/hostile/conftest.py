import pytest

from tests.conftest import new_database
from tests.support.service import Gunicorn


@pytest.fixture(scope="package")
def service(tmp_path_factory, django_db_setup):
    """A service for these tests alone: the corpus states whole lists, so no other test may create tasks in them."""
    folder = tmp_path_factory.mktemp("hostile")
    with new_database(folder) as url, Gunicorn(url, folder / "log") as running:
        yield running
