"""A database that somebody else configured: what the service needs of a session, it sets on the session."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from tests.conftest import ApiClient, url_of
from tests.support.commands import run, start

pytestmark = pytest.mark.one_server

SETTINGS = {
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Europe/Zurich",
    "bytea_output": "escape",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "extra_float_digits": "-15",
    "idle_in_transaction_session_timeout": "1ms",
    "idle_session_timeout": "1ms",
    "jit": "on",
    "lock_timeout": "1ms",
    "standard_conforming_strings": "off",
    "statement_timeout": "1ms",
    "transform_null_equals": "on",
}
HARD = {"title": "Ä \\' %s 😀", "description": "\\n\\0 ''"}


@pytest.fixture
def configured(transactional_db):
    """A function that sets a setting for all later connections to the test's database."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no such settings")
    name = connection.settings_dict["NAME"]

    def configure(setting, value):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
        connection.close()

    yield configure
    # A setting such as statement_timeout would hold for this connection too, were it not set on the session.
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} RESET ALL")
    connection.close()


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def visitor():
    user = get_user_model().objects.create_superuser("admin", "", "only-for-tests")
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("setting", "value"), SETTINGS.items())
def test_whatever_is_set_everything_works(configured, tmp_path, setting, value):
    configured(setting, value)
    api, admin = ApiClient(), visitor()
    task = api.create(**HARD)
    assert {name: task[name] for name in HARD} == HARD
    assert api.tasks() == [task]
    assert api.send("GET", f"/api/owner/tasks/{task['id']}").json() == task
    assert api.send("GET", "/health/ready").json() == {"status": "ready"}
    assert admin.get("/admin/tasks/task/?q=%C3%84").status_code == 200
    assert admin.post("/admin/tasks/task/add/", {"user_id": "other", "title": "Another"}).status_code == 302
    file = tmp_path / "tasks.jsonl"
    run("export_tasks", "--user-id", "owner", "--output", file)
    assert json.loads(file.read_text()) == task
    assert api.send("DELETE", f"/api/owner/tasks/{task['id']}").status_code == 200
    run("import_tasks", file)
    assert api.tasks() == [task]


def test_transaction_of_the_admin_and_of_commands_is_read_committed(configured):
    """In a higher level, a write that overlaps another one fails with 40001."""
    configured("default_transaction_isolation", "serializable")
    with connection.cursor() as cursor:
        for begin in ("SELECT 1", "BEGIN"):
            cursor.execute(begin)
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
        cursor.execute("ROLLBACK")


def test_commands_have_no_limits(configured):
    names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
    if connection.pg_version >= 170_000:
        names.append("transaction_timeout")
    for name in names:
        configured(name, "500ms")
    code = f"""
from django.db import connection
with connection.cursor() as cursor:
    for name in {names}:
        cursor.execute("SHOW " + name)
        print(cursor.fetchone()[0])
"""
    with start(url_of(connection.settings_dict["NAME"]), "shell", "--no-imports", "--command", code) as process:
        assert process.stdout.read().decode().split() == ["0"] * len(names)


# An answer says of the database what is true


@pytest.mark.parametrize(
    ("sqlstate", "detail"),
    [
        ("57014", "The database is busy, try again soon"),
        ("55P03", "The database is busy, try again soon"),
        ("53200", "The database is busy, try again soon"),
        ("53100", "The database takes no writes at the moment, try again soon"),
        ("25006", "The database takes no writes at the moment, try again soon"),
        ("42501", "The database refuses this service's role, try again soon"),
        ("58030", "The database is not available, try again soon"),
    ],
)
def test_database_that_answers_is_not_called_unavailable(configured, sqlstate, detail):
    execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$"
    )
    execute("CREATE TRIGGER refuse BEFORE INSERT ON tasks_task FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        answer = ApiClient().send("POST", "/api/owner/tasks", {"title": "New"})
    finally:
        execute("DROP FUNCTION refuse CASCADE")
    assert (answer.status_code, answer.json(), answer["Retry-After"]) == (503, {"detail": detail}, "2")


def test_readiness_is_refused_where_the_role_may_not_read(configured):
    execute("CREATE ROLE modest")
    try:
        execute("SET ROLE modest")
        answer = ApiClient(raise_request_exception=False).send("GET", "/health/ready")
    finally:
        execute("RESET ROLE; DROP OWNED BY modest; DROP ROLE modest")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "detail": "the database refuses this service's role"},
    )


def test_role_that_may_only_read_is_told_so_to_a_writer(configured):
    execute("CREATE ROLE modest; GRANT SELECT ON ALL TABLES IN SCHEMA public TO modest")
    api = ApiClient(raise_request_exception=False)
    try:
        execute("SET ROLE modest")
        listed = api.tasks()
        answer = api.send("POST", "/api/owner/tasks", {"title": "New"})
    finally:
        execute("RESET ROLE; DROP OWNED BY modest; DROP ROLE modest")
    assert listed == []
    assert (answer.status_code, answer.json(), answer["Retry-After"]) == (
        503,
        {"detail": "The database refuses this service's role, try again soon"},
        "2",
    )
