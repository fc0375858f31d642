"""The service warns of a database that may lose acknowledged writes."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from tests.conftest import new_database
from tests.support.service import Service

WEAK = {
    "sqlite": ("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL", "todo.W004"),
    "postgresql": ("SET synchronous_commit = off", "SET synchronous_commit = on", "todo.W001"),
}


def warnings():
    return {message.id for message in run_checks(databases=["default"])}


@pytest.mark.django_db(transaction=True)
def test_setting_that_loses_writes_is_warned_of():
    weaken, restore, warning = WEAK[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(weaken)
        weakened = warnings()
        cursor.execute(restore)

    assert warning in weakened
    assert warning not in warnings()


def test_service_warns_at_its_start(tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("no option of the URL weakens SQLite alone")
    with new_database(tmp_path) as url:
        service = Service(f"{url}?options=-c%20synchronous_commit%3Doff", tmp_path / "log")
        with service:
            pass

    assert "(todo.W001) synchronous_commit is off" in service.log.read_text()
