"""What the service needs of its sessions, whatever the role, the database and the server have set."""

from typing import Any

import psycopg
from django.conf import settings
from psycopg import IsolationLevel

# Between two statements of a transaction the admin computes for milliseconds.
IDLE_IN_TRANSACTION_MS = 60_000
# PostgreSQL 17 brought transaction_timeout, and refuses unknown options.
HAS_TRANSACTION_TIMEOUT = 170_000


def own_options() -> str:
    """The settings as options of the connection, which cost no statement. Commands of manage.py have no limits."""
    has_limits = bool(settings.STATEMENT_TIMEOUT_MS)
    values = {
        "statement_timeout": settings.STATEMENT_TIMEOUT_MS,
        "lock_timeout": settings.LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS if has_limits else 0,
        # Each thread keeps its connection.
        "idle_session_timeout": 0,
        # A plan for any values reads a page in the index's order. Planned for its values, the first five times, it may
        # collect all tasks of a user and sort them. Django's own cursors put the values into their statements, which
        # are planned for them: the admin's search needs that, and so does Citus for rows of several workers.
        "plan_cache_mode": "force_generic_plan",
        # In a higher one, writes that overlap fail, and the admin and the commands do not send theirs again.
        "default_transaction_isolation": r"read\ committed",
        # psycopg reads no times that are written otherwise.
        "datestyle": "ISO",
    }
    return " ".join(f"-c {name}={value}" for name, value in values.items())


def adapt(connection: "psycopg.Connection[Any]", *, has_options: bool) -> None:
    """Sets what is no option, and what a pooler has not taken. It sends a statement only where that is needed."""
    # psycopg says it in each BEGIN.
    connection.isolation_level = IsolationLevel.READ_COMMITTED
    if not has_options and not (connection.info.parameter_status("DateStyle") or "").startswith("ISO"):
        # PgBouncer keeps this setting for each of its clients.
        connection.execute("SET datestyle = ISO")
    is_command = not settings.STATEMENT_TIMEOUT_MS
    if has_options and is_command and connection.info.server_version >= HAS_TRANSACTION_TIMEOUT:
        connection.execute("SET transaction_timeout = 0")
    # psycopg has begun a transaction with the statement.
    connection.commit()
