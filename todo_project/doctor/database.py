"""The checks of both databases: whether they answer, and whether their tables are of this version."""

from collections.abc import Iterator

from django.db import Error, NotSupportedError, connection

from todo_project.database.errors import reason
from todo_project.database.migrations import missing_migrations, unknown_migrations
from todo_project.database.postgresql.citus import citus_role
from todo_project.database.postgresql.outage import outage
from todo_project.database.sqlite.file import file_problem
from todo_project.doctor import postgresql, sqlite
from todo_project.doctor.findings import Check, Finding, fault, ok, warning

# Each app adds the checks of its own tables when it is loaded (tasks/apps.py).
table_checks: list[Check] = []


def database() -> Iterator[Finding]:
    """All findings on the database, or the one that it cannot be reached."""
    if problem := file_problem():
        yield fault("database", problem, "Look at DATABASE_URL, and at the user that the service runs as.")
        return
    try:
        try:
            with outage.without_waiting():
                connection.ensure_connection()
        except NotSupportedError:
            # Django refuses it for the version that it claims, as another engine's may be. The connection is open.
            findings = list(postgresql.engine()) if connection.vendor == "postgresql" else []
            yield from findings
            if not findings:
                raise
            return
        for check in [*VENDORS[connection.vendor], migrations, *table_checks]:
            yield from check()
    except Error as error:
        yield fault("database", reason(error), "Look at DATABASE_URL, and whether the database runs.")


def migrations() -> Iterator[Finding]:
    if citus_role() == "worker":
        # `migrate` refuses it. The check of the tasks' table says where to go.
        return
    missing = missing_migrations()
    if missing:
        message = f"{len(missing)} are not applied, {missing[0].app_label}.{missing[0].name} first"
        yield fault("migrations", message, "python3 run.py manage migrate")
    elif unknown := unknown_migrations():
        message = f"applied, and unknown here: {', '.join(unknown)}"
        yield warning("migrations", message, "Run the version that migrated this database.")
    else:
        yield ok("migrations", "all applied")


VENDORS: dict[str, list[Check]] = {"postgresql": postgresql.CHECKS, "sqlite": sqlite.CHECKS}
CHECKS: list[Check] = [database]
