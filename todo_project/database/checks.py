"""System checks of durability: a warning for each database setting that may lose an acknowledged write in a crash."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from todo_project.database.postgresql import fitness
from todo_project.database.postgresql.citus import ADVICE, WORKER, citus_role

# The id of the check, and what happens where the setting is off.
POSTGRESQL = {
    "synchronous_commit": ("todo.W001", "writes of the last moments are lost when PostgreSQL crashes"),
    "fsync": ("todo.W002", "the database may be destroyed when its machine crashes"),
    "full_page_writes": ("todo.W003", "the database may be destroyed when its machine crashes"),
}
SQLITE_FULL = 2


@checks.register(checks.Tags.database)
def check_durability(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Runs before the service starts, and with `migrate` and `check --database default`."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        check = {"postgresql": check_postgresql, "sqlite": check_sqlite}[connections[alias].vendor]
        try:
            found += check(connections[alias])
        except Error:
            # Readiness and the doctor say that the database does not answer.
            continue
    return found


@checks.register(checks.Tags.database)
def check_fitness(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Of the service's one database, where it is PostgreSQL."""
    if not databases or connection.vendor != "postgresql":
        return []
    return fitness.messages()


@checks.register(checks.Tags.database)
def check_node(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """`migrate` would make tables on a worker of Citus that its cluster does not know."""
    try:
        if databases and citus_role() == "worker":
            return [checks.Error(WORKER, hint=ADVICE, id="todo.E001")]
    except Error:
        return []
    return []


def check_postgresql(connection: BaseDatabaseWrapper) -> list[checks.CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [list(POSTGRESQL)])
        names = sorted(name for (name,) in cursor.fetchall())
    return [
        checks.Warning(f"{name} is off: {POSTGRESQL[name][1]}.", hint=f"Set {name} = on.", id=POSTGRESQL[name][0])
        for name in names
    ]


def check_sqlite(connection: BaseDatabaseWrapper) -> list[checks.CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        (synchronous,) = cursor.fetchone()
    if synchronous >= SQLITE_FULL:
        return []
    message = "PRAGMA synchronous is below FULL: writes of the last moments are lost when the machine crashes."
    return [checks.Warning(message, hint="Leave init_command out of DATABASE_URL's options.", id="todo.W004")]
