"""What a PostgreSQL that somebody else set up may lack. It is told before the service starts, and by the doctor."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any, cast

import psycopg
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import Error, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from todo_project.database.postgresql.outage import outage

Check = Callable[[], Iterator[CheckMessage]]

RIGHTS = """
SELECT relation, string_agg(needed, ', ') FROM unnest(%s::text[]) AS relation, unnest(%s::text[]) AS needed
WHERE to_regclass(relation) IS NOT NULL AND NOT has_table_privilege(to_regclass(relation), needed)
GROUP BY relation ORDER BY relation
"""
# PgBouncer's words in statement mode.
NO_TRANSACTIONS = "not allowed in statement pooling mode"
NEEDED = ["SELECT", "INSERT", "UPDATE", "DELETE"]
ELSEWHERE = """
SELECT string_agg(DISTINCT relnamespace::regnamespace::text, ', ') FROM pg_class
WHERE relname = %s AND relkind IN ('r', 'p') AND oid IS DISTINCT FROM to_regclass(%s)
"""
STRANGERS = """
SELECT relname, relnamespace::regnamespace::text FROM unnest(%s::text[]) AS relation
JOIN pg_class ON pg_class.oid = to_regclass(relation)
WHERE relnamespace <> (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('django_migrations'))
ORDER BY relname
"""
LIMITS = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = session_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
)
"""


def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def tables() -> list[str]:
    """The tables of all apps, the admin's too."""
    return sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed)


def encoding() -> Iterator[CheckMessage]:
    [(name,)] = ask("SHOW server_encoding")
    if name != "UTF8":
        hint = "Create the database again with ENCODING 'UTF8'."
        yield checks.Error(
            f"The encoding of the database is {name}: it cannot hold every text.", hint=hint, id="todo.E002"
        )


def writes() -> Iterator[CheckMessage]:
    [(is_read_only,)] = ask("SHOW transaction_read_only")
    if is_read_only == "on":
        hint = "Name the primary in DATABASE_URL, or look at default_transaction_read_only."
        yield checks.Warning("The database is read-only.", hint=hint, id="todo.W006")


def schema() -> Iterator[CheckMessage]:
    [(name, may_create, has_tables)] = ask(
        "SELECT current_schema(), has_schema_privilege(current_schema(), 'CREATE'),"
        " to_regclass('django_migrations') IS NOT NULL"
    )
    if name is None:
        hint = "ALTER ROLE … SET search_path = public."
        yield checks.Error("The search_path names no schema that is there.", hint=hint, id="todo.E003")
    elif not may_create and not has_tables:
        hint = f"GRANT CREATE ON SCHEMA {name} TO …, or migrate as the owner of the database."
        yield checks.Error(f"The role may not make tables in the schema {name}.", hint=hint, id="todo.E004")
    [(others,)] = ask(ELSEWHERE, "django_migrations", "django_migrations")
    if others:
        used = "those that search_path finds first" if has_tables else "new ones, because search_path leaves it out"
        hint = "ALTER ROLE … SET search_path = …, unless the other tables are another service's."
        message = f"There are tables of such a service in the schema {others} too. This one uses {used}."
        yield checks.Warning(message, hint=hint, id="todo.W007")


def strangers() -> Iterator[CheckMessage]:
    for name, place in ask(STRANGERS, tables())[:1]:
        hint = "ALTER ROLE … SET search_path = …, with the schema of this service first."
        message = f"The table {name} is that of the schema {place}, and django_migrations is in another one."
        yield checks.Warning(message, hint=hint, id="todo.W012")


def rights() -> Iterator[CheckMessage]:
    missing = ask(RIGHTS, tables(), NEEDED)
    if missing:
        table, names = missing[0]
        more = f", nor all that it needs on {len(missing) - 1} other tables" if missing[1:] else ""
        hint = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO …"
        yield checks.Warning(f"The role may not {names} on {table}{more}.", hint=hint, id="todo.W008")
    hidden = ask("SELECT name FROM unnest(%s::text[]) AS name WHERE row_security_active(to_regclass(name))", tables())
    if hidden:
        hint = "ALTER TABLE … DISABLE ROW LEVEL SECURITY, or ALTER ROLE … BYPASSRLS."
        yield checks.Warning(
            f"Row level security hides rows of {hidden[0][0]} from the role.", hint=hint, id="todo.W009"
        )


def connections() -> Iterator[CheckMessage]:
    [(most,)] = ask(LIMITS)
    needed = settings.WEB_CONCURRENCY * settings.THREADS
    if most < needed:
        hint = "Raise the limit of the role, the database or the server, or lower WEB_CONCURRENCY, or use a pooler."
        message = f"The role may have {most} connections, and this service opens up to {needed}."
        yield checks.Warning(message, hint=hint, id="todo.W010")


def has_pooler() -> bool:
    """Behind a pooler, the process id that the driver knows is not the server's."""
    [(server,)] = ask("SELECT pg_backend_pid()")
    driver = cast("psycopg.Connection[Any]", connection.connection)
    return bool(driver.info.backend_pid != server)


def pooler() -> Iterator[CheckMessage]:
    needed = settings.WEB_CONCURRENCY * settings.THREADS
    if has_pooler() and (answered := answered_at_once(needed)) < needed:
        hint = "Set pool_mode = transaction: in session mode each thread keeps a connection of the server."
        yield checks.Warning(
            f"Of {needed} connections at once the pooler answers {answered}.", hint=hint, id="todo.W011"
        )


def answered_at_once(most: int) -> int:
    """How many connections get an answer while all of them are open, this one included."""
    others: list[BaseDatabaseWrapper] = []
    try:
        with outage.without_waiting(), suppress(Error):
            while len(others) + 1 < most:
                others.append(connection.copy())
                with others[-1].cursor() as cursor:
                    cursor.execute("SELECT 1")
            return most
    finally:
        for other in others:
            other.close()
    return len(others)


def transactions() -> Iterator[CheckMessage]:
    try:
        with transaction.atomic():
            ask("SELECT 1")
    except Error as error:
        connection.close()
        if NO_TRANSACTIONS in str(error):
            hint = "Set pool_mode = transaction."
            yield checks.Error(
                "The pooler takes no transactions. Migrations and the admin need them.", hint=hint, id="todo.E005"
            )


CHECKS: list[Check] = [transactions, encoding, writes, schema, strangers, rights, connections, pooler]


def messages(left_out: Collection[Check] = ()) -> list[CheckMessage]:
    """Of a check that the database does not answer, nothing is said here."""
    found: list[CheckMessage] = []
    for check in CHECKS:
        with suppress(Error):
            found += [] if check in left_out else check()
    return found
