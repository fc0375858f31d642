"""A database, a role or a pooler that does not fit: the service says so before it starts, and so does the doctor."""

import json
import os

import pytest
from django.db import connection

from tests.conftest import on_server, url_of
from tests.support.commands import live_url, start
from tests.support.pgbouncer import NOT_INSTALLED, PROGRAM, PgBouncer
from todo_project.database.postgresql import fitness
from todo_project.doctor import postgresql
from todo_project.doctor.findings import Finding

pytestmark = [
    pytest.mark.one_server,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL"),
]


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def messages(check):
    return [(message.id, message.msg) for message in check()]


AS_MODEST = ["CREATE ROLE modest", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO modest"]
EVERYTHING = "GRANT ALL ON ALL TABLES IN SCHEMA public TO modest"


def test_database_that_fits_is_well(db):
    execute(*AS_MODEST, EVERYTHING, "SET LOCAL ROLE modest")
    assert [message for check in fitness.CHECKS for message in check()] == []
    message = "encoding, schema, rights and number of connections are as the service needs them"
    assert list(postgresql.fitting()) == [Finding("set-up", "ok", message)]


@pytest.mark.parametrize(
    ("statements", "check", "found"),
    [
        (["SET LOCAL transaction_read_only = on"], fitness.writes, ("todo.W006", "The database is read-only.")),
        (
            [*AS_MODEST, EVERYTHING, "REVOKE INSERT, DELETE ON tasks_task FROM modest", "SET LOCAL ROLE modest"],
            fitness.rights,
            ("todo.W008", "The role may not INSERT, DELETE on tasks_task."),
        ),
        (
            [*AS_MODEST, EVERYTHING, "ALTER TABLE tasks_task ENABLE ROW LEVEL SECURITY", "SET LOCAL ROLE modest"],
            fitness.rights,
            ("todo.W009", "Row level security hides rows of tasks_task from the role."),
        ),
        (
            ["SET LOCAL search_path = nowhere"],
            fitness.schema,
            ("todo.E003", "The search_path names no schema that is there."),
        ),
        (
            [
                *AS_MODEST,
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                "DROP TABLE django_migrations",
                "SET LOCAL ROLE modest",
            ],
            fitness.schema,
            ("todo.E004", "The role may not make tables in the schema public."),
        ),
        (
            ["CREATE SCHEMA other", "CREATE TABLE other.django_migrations ()"],
            fitness.schema,
            (
                "todo.W007",
                "There are tables of such a service in the schema other too. This one uses those that search_path "
                "finds first.",
            ),
        ),
        (
            ["CREATE SCHEMA other", "SET LOCAL search_path = other"],
            fitness.schema,
            (
                "todo.W007",
                "There are tables of such a service in the schema public too. This one uses new ones, because "
                "search_path leaves it out.",
            ),
        ),
        (
            ["CREATE SCHEMA other", "CREATE TABLE other.tasks_task ()", "SET LOCAL search_path = other, public"],
            fitness.strangers,
            (
                "todo.W012",
                "The table tasks_task is that of the schema other, and django_migrations is in another one.",
            ),
        ),
        (
            ["ALTER ROLE CURRENT_USER CONNECTION LIMIT 3"],
            fitness.connections,
            ("todo.W010", "The role may have 3 connections, and this service opens up to 16."),
        ),
    ],
)
def test_what_does_not_fit_is_told(db, settings, statements, check, found):
    settings.WEB_CONCURRENCY, settings.THREADS = 2, 8
    execute(*statements)
    told = messages(check)
    # Not in the block of a role: it would be lost with the test's transaction.
    execute("RESET ROLE")
    assert told[:1] == [found]


def test_role_that_may_only_read_is_told_in_one_line(db):
    execute(*AS_MODEST, "SET LOCAL ROLE modest")
    [(_, message)] = messages(fitness.rights)
    assert message.startswith("The role may not INSERT, UPDATE, DELETE on auth_group, nor all that it needs on ")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_other_encoding_ends_the_start(encoding):
    name = f"foreign_{encoding.lower()}_{os.getpid()}"
    on_server(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        with start(url_of(name), "serve") as process:
            _, said = process.communicate(timeout=60)
        with start(url_of(name), "doctor", "--format=json") as doctor:
            findings = json.loads(doctor.communicate(timeout=60)[0])["findings"]
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")
    message = f"The encoding of the database is {encoding}: it cannot hold every text."
    assert process.returncode == 1
    assert f"(todo.E002) {message}\n" in said.decode()
    assert "Traceback" not in said.decode()
    assert {"check": "set-up", "level": "fault", "message": message[:-1]}.items() <= findings_of(findings)[0].items()


def findings_of(findings):
    return [finding for finding in findings if finding["check"] == "set-up"]


class InAnotherMode(PgBouncer):
    def __init__(self, target, mode):
        super().__init__(target)
        settings = self.folder / "settings"
        settings.write_text(settings.read_text().replace("pool_mode = transaction", f"pool_mode = {mode}"))


@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
@pytest.mark.parametrize(
    ("mode", "answered"), [("session", ["Of 16 connections at once the pooler answers 4"]), ("transaction", [])]
)
def test_pooler_with_fewer_connections_than_threads_is_a_fault_if_they_are_kept(
    transactional_db, tmp_path, mode, answered
):
    port = connection.settings_dict["PORT"]
    with InAnotherMode(port, mode) as pgbouncer:
        url = live_url(tmp_path).replace(f":{port}/", f":{pgbouncer.port}/")
        process = start(url, "doctor", "--format=json")
        out, _ = process.communicate(timeout=60)
        with start(url, "check", "--database", "default") as check:
            _, said = check.communicate(timeout=60)
    faults = [
        each["message"] for each in json.loads(out)["findings"] if (each["check"], each["level"]) == ("pooler", "fault")
    ]
    assert faults == answered
    assert ("(todo.W011) Of 16 connections at once the pooler answers 4.\n" in said.decode()) is bool(answered)


@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_times_are_read_through_a_pooler_that_takes_no_options(transactional_db, tmp_path):
    port, name = connection.settings_dict["PORT"], connection.settings_dict["NAME"]
    on_server(f"ALTER DATABASE {name} SET DateStyle = 'German'")
    try:
        with PgBouncer(port) as pgbouncer:
            url = live_url(tmp_path).replace(f":{port}/", f":{pgbouncer.port}/")
            with start(url, "migrate", "--check") as process:
                _, said = process.communicate(timeout=60)
    finally:
        on_server(f"ALTER DATABASE {name} RESET DateStyle")
    assert (process.returncode, b"Traceback" in said) == (0, False)


@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_pooler_in_statement_mode_ends_the_start(transactional_db, tmp_path):
    port = connection.settings_dict["PORT"]
    with InAnotherMode(port, "statement") as pgbouncer:
        url = live_url(tmp_path).replace(f":{port}/", f":{pgbouncer.port}/")
        with start(url, "check", "--database", "default") as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "(todo.E005) The pooler takes no transactions. Migrations and the admin need them." in said.decode()


@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_option_that_a_pooler_refuses_is_not_waited_for(transactional_db, tmp_path):
    port = connection.settings_dict["PORT"]
    with PgBouncer(port) as pgbouncer:
        url = live_url(tmp_path).replace(f":{port}/", f":{pgbouncer.port}/") + "?currentSchema=public"
        with start(url, "wait_for_db", "--timeout=600") as process:
            _, said = process.communicate(timeout=60)
    assert said.decode().startswith("The database does not let this service in: connection failed: ")
    assert said.decode().endswith("FATAL:  unsupported startup parameter: options\n")


@pytest.mark.parametrize(
    "command", [["migrate"], ["createsuperuser", "--noinput", "--username=a", "--email=a@example.com"]]
)
def test_command_of_django_that_lacks_a_right_ends_in_one_sentence(transactional_db, tmp_path, command):
    on_server(f"CREATE ROLE modest_{os.getpid()}")
    url = f"{live_url(tmp_path)}?assume_role=modest_{os.getpid()}"
    try:
        with start(url, *command) as process:
            _, said = process.communicate(timeout=60)
    finally:
        on_server(f"DROP ROLE modest_{os.getpid()}")
    assert process.returncode == 1
    assert said.decode().endswith("The database refused: permission denied for table django_migrations\n")
    assert "Traceback" not in said.decode()
