"""What a database error says, for callers that need not know the driver."""

from django.db import connection
from django.dispatch import Signal

READ_ONLY_SQL_TRANSACTION = "25006"
UNIQUE_VIOLATION = "23505"
DIVISION_BY_ZERO = "22012"
SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"
QUERY_CANCELED = "57014"
LOCK_NOT_AVAILABLE = "55P03"

# Sent with each attempt to connect that fails.
connection_failed = Signal()


def sqlstate_of(error: BaseException) -> str:
    """The SQLSTATE of one of Django's database errors; "" where there is none, as from a connection that broke."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def reason(error: BaseException) -> str:
    """The first line of the message of the database or its driver, without the password."""
    message = (str(error).strip() or type(error).__name__).splitlines()[0]
    password = str(connection.settings_dict.get("PASSWORD") or "")
    return message.replace(password, "***") if password else message
