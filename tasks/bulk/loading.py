"""Writes rows by the thousand, each batch in one transaction: COPY on PostgreSQL, executemany on SQLite.

Ids, times and owners are written as given. No policy changes a row of another owner.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import Field
from django.utils import timezone

from tasks.bulk.locking import locked_rows
from tasks.models import Task
from tasks.statements import FIELDS
from todo_project.api.times import LAST_MOMENT, MICROSECOND
from todo_project.database.statements import Row
from todo_project.database.whole import execute_whole

# Each column has the name of its field.
TABLE = Task._meta.db_table
COLUMNS = {name: cast("Field[Any, Any]", Task._meta.get_field(name)) for name in FIELDS}
CHANGEABLE = [name for name in FIELDS if name not in ("id", "user_id")]
# An INSERT fails if another process loads the same ids at the same moment. The next attempt sees those rows.
ATTEMPTS = 5


@dataclass
class Loaded:
    """The outcome of a batch. `refused` has the ids that exist already and were left, each with the reason."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: dict[UUID, str] = field(default_factory=dict)


def load(rows: Mapping[UUID, Row], on_conflict: str = "skip", *, dry_run: bool = False) -> Loaded:
    """Loads all of the rows, or none if it raises. A row may leave members out.

    In a new task those have their defaults. In an existing task they stay as they are.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(IntegrityError):
            return execute_whole(lambda: load_once(rows, on_conflict, dry_run))
    return execute_whole(lambda: load_once(rows, on_conflict, dry_run))


def load_once(rows: Mapping[UUID, Row], on_conflict: str, dry_run: bool) -> Loaded:
    loaded = Loaded()
    changed = []
    present = rows_present(rows, on_conflict)
    for row in present:
        given = rows[row["id"]]
        if row["user_id"] != given["user_id"]:
            loaded.refused[row["id"]] = "This id is the id of another user's task"
        elif on_conflict == "error":
            loaded.refused[row["id"]] = "A task with this id exists already"
        elif on_conflict == "update" and (wanted := updated(row, given)) != row:
            changed.append(wanted)
        else:
            loaded.skipped += 1
    ids = {row["id"] for row in present}
    new = [with_defaults(row) for task_id, row in rows.items() if task_id not in ids]
    loaded.created, loaded.updated = len(new), len(changed)
    if not dry_run:
        insert(new)
        update(changed)
    return loaded


def with_defaults(given: Row) -> Row:
    created_at = given.get("created_at") or timezone.now()
    return {"description": None, "is_completed": False, "created_at": created_at, "updated_at": created_at} | given


def updated(row: Row, given: Row) -> Row:
    """The row with the given values. Where it changes, its updated_at grows: to the given time if that is later.

    The same file a second time changes nothing.
    """
    before = row["updated_at"]
    wanted = row | given | {"updated_at": max(before, given.get("updated_at") or before)}
    if wanted != row and wanted["updated_at"] == before:
        wanted["updated_at"] = later_than(before)
    return wanted


def later_than(moment: datetime) -> datetime:
    """Now, or a microsecond after the moment where the clock is behind it. The last moment of Python stays."""
    return max(timezone.now(), moment + min(MICROSECOND, LAST_MOMENT - moment))


def rows_present(rows: Mapping[UUID, Row], on_conflict: str) -> list[Row]:
    """The table's rows with these ids. They are locked if they may be updated, so that their owner stays the same."""
    tasks = Task.objects.filter(id__in=rows)
    if on_conflict != "update":
        found = tasks.order_by("id").values_list("id", "user_id")
        return [{"id": task_id, "user_id": user_id} for task_id, user_id in found]
    return list(locked_rows(tasks))


def insert(rows: list[Row]) -> None:
    # Django does not wrap copy(): its errors would be psycopg's.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {TABLE} ({', '.join(FIELDS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([row[name] for name in FIELDS])
        else:
            marks = ", ".join(["%s"] * len(FIELDS))
            sql = f"INSERT INTO {TABLE} ({', '.join(FIELDS)}) VALUES ({marks})"  # noqa: S608 -- our model's own names
            cursor.executemany(sql, [prepared(row, FIELDS) for row in rows])


def update(rows: list[Row]) -> None:
    assignments = ", ".join(f"{name} = %s" for name in CHANGEABLE)
    sql = f"UPDATE {TABLE} SET {assignments} WHERE user_id = %s AND id = %s"  # noqa: S608 -- our model's own names
    with connection.cursor() as cursor:
        cursor.executemany(sql, [prepared(row, [*CHANGEABLE, "user_id", "id"]) for row in rows])


def prepared(row: Row, names: Sequence[str]) -> list[Any]:
    """The row's values as the database takes them."""
    return [COLUMNS[name].get_db_prep_save(row[name], connection) for name in names]
