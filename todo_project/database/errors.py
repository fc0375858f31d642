"""What a database error says, for callers that need not know the driver."""

from typing import Literal

from django.db import Error, connection
from django.dispatch import Signal

READ_ONLY_SQL_TRANSACTION = "25006"
UNIQUE_VIOLATION = "23505"
DIVISION_BY_ZERO = "22012"
SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"
# PostgreSQL has undone the statement or the transaction, and asks for it to be sent again (manual, 13.5).
UNDONE = (SERIALIZATION_FAILURE, DEADLOCK_DETECTED)
QUERY_CANCELED = "57014"
INSUFFICIENT_PRIVILEGE = "42501"
LOCK_NOT_AVAILABLE = "55P03"
INSUFFICIENT_RESOURCES, DISK_FULL, OUT_OF_MEMORY = "53000", "53100", "53200"

Trouble = Literal["away", "busy", "refuses", "takes no writes", "unconfirmed"]
TROUBLES: dict[str, Trouble] = {
    QUERY_CANCELED: "busy",
    LOCK_NOT_AVAILABLE: "busy",
    SERIALIZATION_FAILURE: "busy",
    DEADLOCK_DETECTED: "busy",
    INSUFFICIENT_RESOURCES: "busy",
    OUT_OF_MEMORY: "busy",
    INSUFFICIENT_PRIVILEGE: "refuses",
    READ_ONLY_SQL_TRANSACTION: "takes no writes",
    DISK_FULL: "takes no writes",
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_READONLY": "takes no writes",
    "SQLITE_FULL": "takes no writes",
}

# Sent with each attempt to connect that fails.
connection_failed = Signal()


def sqlstate_of(error: BaseException) -> str:
    """The SQLSTATE of one of Django's database errors; "" where there is none, as from a connection that broke."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def trouble_behind(error: BaseException) -> Trouble:
    """What an error says of the database: one that answers is not away."""
    if error.__cause__ is None and isinstance(error, Error):
        # Ours: the database has answered, and nobody can know what it did.
        return "unconfirmed"
    # SQLite's names have a second part, as in SQLITE_BUSY_SNAPSHOT.
    name = "_".join(getattr(error.__cause__, "sqlite_errorname", "").split("_")[:2])
    return TROUBLES.get(sqlstate_of(error) or name, "away")


def reason(error: BaseException) -> str:
    """The first line of the message of the database or its driver, without the password."""
    message = (str(error).strip() or type(error).__name__).splitlines()[0]
    password = str(connection.settings_dict.get("PASSWORD") or "")
    return message.replace(password, "***") if password else message
