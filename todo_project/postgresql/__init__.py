"""What an error of PostgreSQL says, for those who need not know its driver."""

from django.dispatch import Signal

READ_ONLY_SQL_TRANSACTION = "25006"
UNIQUE_VIOLATION = "23505"
QUERY_CANCELED = "57014"

# Sent with each attempt to connect that fails.
connection_failed = Signal()


def sqlstate_of(error: BaseException) -> str:
    """The SQLSTATE of one of Django's database errors; "" where there is none, as from a connection that broke."""
    return getattr(error.__cause__, "sqlstate", None) or ""
