"""What `doctor` finds in the database."""

import json

import pytest
from django.db import connection

from tasks import doctor
from tasks.bulk.loading import insert
from tests.support.commands import live_url, row, start
from tests.support.pgbouncer import NOT_INSTALLED, PROGRAM, PgBouncer
from todo_project.doctor import database, postgresql, sqlite

only_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL")
only_sqlite = pytest.mark.skipif(connection.vendor == "postgresql", reason="a matter of SQLite")

pytestmark = pytest.mark.django_db


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def found(check):
    return [(finding.check, finding.level, finding.message) for finding in check()]


@pytest.mark.one_server
def test_all_migrations_and_the_index_are_well(db):
    insert([row(1), row(2)])
    assert found(database.migrations) == [("migrations", "ok", "all applied")]
    assert found(doctor.index) == [("index", "ok", "a list goes through task_user_id_id")]


def test_missing_migration_is_a_fault():
    execute("DELETE FROM django_migrations WHERE app = 'tasks'")
    ((check, level, message),) = found(database.migrations)
    assert (check, level) == ("migrations", "fault")
    assert message.endswith(" not applied, tasks.0001_task first")


def test_migration_of_a_later_version_is_a_warning():
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '9999_later', CURRENT_TIMESTAMP)")
    assert found(database.migrations) == [("migrations", "warning", "applied, and unknown here: tasks.9999_later")]


@pytest.mark.one_server
def test_missing_index_is_a_fault():
    execute("DROP INDEX task_user_id_id")
    message = "there is none on (user_id, id): each request reads the whole table"
    assert found(doctor.index) == [("index", "fault", message)]
    (finding,) = doctor.index()
    execute(finding.advice)
    assert found(doctor.index) == [("index", "ok", "a list goes through task_user_id_id")]


@pytest.mark.one_server
@only_postgresql
def test_index_that_is_not_used_is_a_fault():
    execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'task_user_id_id'::regclass")
    assert found(doctor.index) == [("index", "fault", "a list does not go through task_user_id_id")]


@only_postgresql
@pytest.mark.parametrize(
    ("setting", "check", "finding"),
    [
        ("transaction_read_only = on", postgresql.writable, ("writes", "fault", "the database is read-only")),
        ("TimeZone = 'Europe/Zurich'", postgresql.clock, ("time zone", "warning", "sessions are in Europe/Zurich")),
        ("transaction_read_only = off", postgresql.writable, ("writes", "ok", "accepted")),
        ("TimeZone = 'UTC'", postgresql.clock, ("clock", "ok", "UTC, and the same here and in the database")),
    ],
)
def test_setting_that_matters_is_reported(setting, check, finding):
    execute(f"SET LOCAL {setting}")
    assert found(check) == [finding]


@only_postgresql
def test_commit_that_is_not_waited_for_is_a_fault():
    execute("SET LOCAL synchronous_commit = off")
    consequence = "writes of the last moments are lost when PostgreSQL crashes"
    assert ("durability", "fault", f"synchronous_commit is off: {consequence}.") in found(postgresql.safety)


@only_postgresql
def test_role_with_too_much_power_is_a_warning():
    assert found(postgresql.role) == [("role", "warning", "a superuser")]
    execute("CREATE ROLE modest")
    execute("SET LOCAL ROLE modest")
    assert found(postgresql.role) == [("role", "ok", "no superuser")]


@only_postgresql
def test_clock_that_is_apart_is_a_warning(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0)
    ((check, level, _),) = found(postgresql.clock)
    assert (check, level) == ("clock", "warning")


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("/tmp", True), ("10.0.0.1", False), ("db", False)],
)
def test_way_to_the_database_is_local_or_not(host, local):
    assert postgresql.is_local(host) is local


@pytest.mark.one_server
@only_postgresql
def test_direct_connection_on_this_machine_is_well():
    assert found(postgresql.pooler) == [("pooler", "ok", "none in between")]
    assert found(postgresql.encryption) == [("encryption", "ok", "none, and the database is on this machine")]


@only_postgresql
@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_pooler_in_between_is_seen(tmp_path):
    direct = live_url(tmp_path)
    port = str(connection.settings_dict["PORT"])
    with PgBouncer(port) as pgbouncer:
        process = start(direct.replace(f":{port}/", f":{pgbouncer.port}/"), "doctor", "--format=json")
        findings = json.loads(process.communicate(timeout=60)[0])["findings"]
    told = [finding["message"] for finding in findings if finding["check"] == "pooler"]
    assert told == [
        "there is one in between, such as PgBouncer",
        "the role has no statement_timeout",
        "the role has no lock_timeout",
    ]


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_durable_journal_is_well(tmp_path):
    assert found(sqlite.safety) == [("durability", "ok", "synchronous FULL")]
    with start(live_url(tmp_path), "doctor", "--format=json") as process:
        findings = {finding["check"]: finding["level"] for finding in json.loads(process.stdout.read())["findings"]}
    assert (findings["journal"], findings["durability"]) == ("ok", "ok")


@only_sqlite
def test_file_that_the_service_makes_is_its_owners_alone(tmp_path):
    with start(f"sqlite:///{tmp_path}/db.sqlite3", "migrate", "--verbosity=0") as process:
        assert process.wait(60) == 0
    assert (tmp_path / "db.sqlite3").stat().st_mode & 0o777 == 0o600


@only_sqlite
def test_file_for_everyone_is_a_warning(tmp_path, monkeypatch):
    file = tmp_path / "db.sqlite3"
    file.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    for mode, level in ((0o644, "warning"), (0o640, "ok")):
        file.chmod(mode)
        assert [finding[:2] for finding in found(sqlite.file_mode)] == [("database file", level)]


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_unsafe_sqlite_is_a_fault():
    execute("PRAGMA synchronous = NORMAL")
    try:
        ((check, level, _),) = found(sqlite.safety)
    finally:
        execute("PRAGMA synchronous = FULL")
    assert (check, level) == ("durability", "fault")


@only_sqlite
def test_other_journal_is_a_warning():
    # The database of this test is in memory, and such a database has no WAL.
    ((check, level, message),) = found(sqlite.journal)
    assert (check, level) == ("journal", "warning")
    assert message.startswith("memory instead of WAL")
