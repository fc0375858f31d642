import ipaddress
import re
import time
from collections.abc import Iterator
from typing import Any, cast

from django.core import checks as django_checks
from django.db import connection
from psycopg import Connection

from todo_project.database import checks
from todo_project.database.postgresql import fitness
from todo_project.doctor.findings import Check, Finding, fault, ok, warning

SECONDS_APART = 2
ENOUGH_CONNECTIONS = 0.8
USE_POSTGRESQL = "Use PostgreSQL, or a service that runs it (docs/operations.md)."


def ask(sql: str) -> Any:
    """The first row of the answer; of a single column, its value."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if len(row) == 1 else row


def driver() -> "Connection[Any]":
    return cast("Connection[Any]", connection.connection)


def engine() -> Iterator[Finding]:
    """Engines that speak PostgreSQL's protocol and are not PostgreSQL. Nothing is said of PostgreSQL itself."""
    version, host = ask("SELECT version()"), driver().info.host
    if version.startswith("CockroachDB"):
        yield fault("engine", "CockroachDB: Django needs another backend for it", USE_POSTGRESQL)
    elif is_dsql(host):
        yield fault(
            "engine",
            "Aurora DSQL: it lacks sequences, savepoints and foreign keys, which migrations and the admin need",
            USE_POSTGRESQL,
        )
    elif "-YB-" in version:
        yield warning("engine", "YugabyteDB: this service was not tried on it", "Run the tests on it first.")


def is_dsql(host: str) -> bool:
    """Its version() is PostgreSQL's, so it is known by the address of its endpoints."""
    return re.search(r"\.dsql\.[a-z0-9-]+\.on\.aws$", host) is not None


def server() -> Iterator[Finding]:
    number, name, size = ask(
        "SELECT current_setting('server_version'), current_database(), pg_database_size(current_database())"
    )
    yield ok("database", f"PostgreSQL {number}, database {name}, {size // 2**20:,} MiB")


def fitting() -> Iterator[Finding]:
    """What the service is told before it starts, too. `writable` and `pooler` say the rest."""
    messages = fitness.messages(left_out=(fitness.writes, fitness.pooler))
    for message in messages:
        make = fault if message.level >= django_checks.ERROR else warning
        yield make("set-up", str(message.msg).removesuffix("."), str(message.hint))
    if not messages:
        yield ok("set-up", "encoding, schema, rights and number of connections are as the service needs them")


def pooler() -> Iterator[Finding]:
    if not fitness.has_pooler():
        yield ok("pooler", "none in between")
        return
    yield ok("pooler", "there is one in between, such as PgBouncer")
    for name in ("statement_timeout", "lock_timeout"):
        if ask(f"SHOW {name}") == "0":
            advice = f"ALTER ROLE … SET {name} = …: behind a pooler the service cannot set it."
            yield warning("pooler", f"the role has no {name}", advice)
    for message in fitness.pooler():
        yield fault("pooler", str(message.msg).removesuffix("."), str(message.hint))


def writable() -> Iterator[Finding]:
    if ask("SHOW transaction_read_only") == "on":
        yield fault(
            "writes", "the database is read-only", "Name the primary in DATABASE_URL, or make room on its disk."
        )
    else:
        yield ok("writes", "accepted")


def safety() -> Iterator[Finding]:
    messages = checks.check_postgresql(connection)
    for message in messages:
        yield fault("durability", str(message.msg), str(message.hint))
    if not messages:
        yield ok("durability", f"synchronous_commit {ask('SHOW synchronous_commit')}, fsync and full_page_writes on")


def clock() -> Iterator[Finding]:
    zone = ask("SHOW TimeZone")
    if zone != "UTC":
        yield warning("time zone", f"sessions are in {zone}", "Leave TimeZone out of the role, the pooler and the URL.")
    apart = abs(float(ask("SELECT extract(epoch FROM clock_timestamp())")) - time.time())
    if apart > SECONDS_APART:
        yield warning("clock", f"the database's and this machine's differ by {apart:,.0f} s", "Set both by NTP.")
    elif zone == "UTC":
        yield ok("clock", "UTC, and the same here and in the database")


def encryption() -> Iterator[Finding]:
    host = driver().info.host
    if driver().pgconn.ssl_in_use:
        yield ok("encryption", "TLS to the database")
    elif is_local(host):
        yield ok("encryption", "none, and the database is on this machine")
    else:
        yield warning(
            "encryption", f"none on the way to {host}", "Add sslmode=require, or verify-full, to DATABASE_URL."
        )


def is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith(("/", "@"))


def role() -> Iterator[Finding]:
    if ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield warning("role", "a superuser", "Give the service a role that owns its tables and nothing else.")
    else:
        yield ok("role", "no superuser")


def connections() -> Iterator[Finding]:
    used = ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    most = int(ask("SHOW max_connections"))
    message = f"{used} of {most} are in use"
    if used > most * ENOUGH_CONNECTIONS:
        yield warning("connections", message, "Each worker thread keeps one: lower WEB_CONCURRENCY, or use a pooler.")
    else:
        yield ok("connections", message)


CHECKS: list[Check] = [engine, fitting, server, pooler, writable, safety, clock, encryption, role, connections]
