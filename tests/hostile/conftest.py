import pytest

from tests.conftest import new_database
from tests.support.service import Service


@pytest.fixture(scope="package")
def service(tmp_path_factory, django_db_setup):
    """One of its own: the corpus says what the lists of its users hold, whatever other tests have created."""
    folder = tmp_path_factory.mktemp("hostile")
    with new_database(folder) as url, Service(url, folder / "log") as running:
        yield running
