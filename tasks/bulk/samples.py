"""A sample of the tasks, in a time that does not grow with the table."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tasks.models import Task

SIZE = 100_000
# SQLite's sample is this many runs of neighbours.
RUNS = 200
COLUMNS = "id, user_id, is_completed, created_at"
TABLE = Task._meta.db_table


class SampledTask(NamedTuple):
    task_id: UUID
    user_id: str
    is_completed: bool
    day: str


def sample_of(total: int) -> Iterator[SampledTask]:
    """About SIZE of the `total` tasks in the table."""
    with connection.cursor() as cursor:
        rows = postgresql_rows(cursor, total) if connection.vendor == "postgresql" else sqlite_rows(cursor)
        for task_id, user_id, is_completed, created_at in rows:
            yield SampledTask(UUID(str(task_id)), user_id, bool(is_completed), str(created_at)[:10])


def postgresql_rows(cursor: CursorWrapper, total: int) -> Iterator[Any]:
    """Whole pages of the table, the same ones each time."""
    percentage = min(100, 100 * SIZE / total)
    cursor.execute(f"SELECT {COLUMNS} FROM {TABLE} TABLESAMPLE SYSTEM (%s) REPEATABLE (1)", [percentage])  # noqa: S608 -- our own names
    yield from cursor.fetchall()


def sqlite_rows(cursor: CursorWrapper) -> Iterator[Any]:
    """Runs of neighbours, spread over the table."""
    cursor.execute(f"SELECT max(rowid) FROM {TABLE}")  # noqa: S608 -- our own name
    last = cursor.fetchone()[0] or 0
    for run in range(RUNS):
        start = last * run // RUNS + 1
        end = start + SIZE // RUNS - 1
        cursor.execute(f"SELECT {COLUMNS} FROM {TABLE} WHERE rowid BETWEEN %s AND %s", [start, end])  # noqa: S608 -- our own names
        yield from cursor.fetchall()
