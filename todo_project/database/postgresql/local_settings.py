"""Settings of PostgreSQL for one statement."""

from django.db.backends.utils import CursorWrapper
from psycopg import sql

# Tells Citus to set what follows on its workers too. To a PostgreSQL without Citus it is a name without a meaning.
FOR_ALL_SERVERS = ("citus.propagate_set_commands", "local")


def set_locally(cursor: CursorWrapper, **values: str) -> None:
    """Sets the values until the transaction ends. Two underscores stand for a dot."""
    # One at a time: of several in one string, Citus would send the whole string to its workers for each.
    for name, value in [FOR_ALL_SERVERS, *values.items()]:
        setting = sql.Identifier(*name.replace("__", ".").split("."))
        cursor.execute(sql.SQL("SET LOCAL {} = {}").format(setting, sql.Literal(value)))
