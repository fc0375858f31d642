"""Settings of PostgreSQL for one statement."""

from django.db.backends.utils import CursorWrapper
from psycopg import sql

# Tells Citus to set what follows on its workers too. To a PostgreSQL without Citus it is a name without a meaning.
FOR_ALL_SERVERS = ("citus.propagate_set_commands", "local")


def set_locally(cursor: CursorWrapper, **values: str) -> None:
    """Sets the values until the transaction ends, in one round trip. An underscore twice stands for a dot."""
    pairs = [FOR_ALL_SERVERS, *((name.replace("__", "."), value) for name, value in values.items())]
    statements = [
        sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(*name.split(".")), sql.Literal(value))
        for name, value in pairs
    ]
    cursor.execute(sql.SQL("; ").join(statements).as_string(cursor.connection))
