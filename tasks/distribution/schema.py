"""The primary key and the indexes of the tasks' table, for one server and for many.

On one server they are those of the migrations. Citus wants the user in each unique key, so that one shard can check it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection

from tasks.models import Task
from todo_project.database.postgresql.locks import execute_between_transactions

TABLE = Task._meta.db_table
PRIMARY_KEY = f"{TABLE}_pkey"
# Ends an autovacuum, which would outlast the short attempts to lock the table, and keeps others from starting.
CLEAR = f"LOCK TABLE {TABLE} IN SHARE UPDATE EXCLUSIVE MODE"


class Index(NamedTuple):
    name: str
    columns: tuple[str, ...]
    is_unique: bool = False


# Each becomes the primary key, and takes its name.
KEY_OF_ONE_SERVER = Index(f"{TABLE}_id_key", ("id",), is_unique=True)
KEY_OF_MANY = Index(f"{TABLE}_user_id_id_key", ("user_id", "id"), is_unique=True)
INDEX_OF_ONE_SERVER = Index("task_user_id_id", ("user_id", "id"))
INDEX_OF_MANY = Index(f"{TABLE}_id", ("id",))


def ask(sql: str, *parameters: Any) -> Any:
    """The first column of the first row of the answer; None where there is no row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def is_usable(index: Index) -> bool:
    return bool(ask("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", index.name))


def is_there(index: Index) -> bool:
    """Also where an interruption has left it half built."""
    return ask("SELECT to_regclass(%s)", index.name) is not None


def is_primary_key(index: Index) -> bool:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_primary_key_columns(cursor, TABLE)
    return tuple(columns or ()) == index.columns


def create(index: Index) -> None:
    # An attempt that was interrupted has left an index that is never used.
    drop(index)
    unique = "UNIQUE " if index.is_unique else ""
    execute(f"CREATE {unique}INDEX CONCURRENTLY {index.name} ON {TABLE} ({', '.join(index.columns)})")


def drop(index: Index) -> None:
    execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}")


def make_primary_key(index: Index, on_wait: Callable[[], None]) -> None:
    """The unique index becomes the primary key, and takes its name."""
    swap = (
        f"ALTER TABLE {TABLE} DROP CONSTRAINT {PRIMARY_KEY}, "
        f"ADD CONSTRAINT {PRIMARY_KEY} PRIMARY KEY USING INDEX {index.name}"
    )
    execute_between_transactions(CLEAR, swap, on_wait=on_wait)
