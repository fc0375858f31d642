"""A task as a row: a dict by field name, as statements take it and give it."""

from collections.abc import Sequence
from uuid import UUID

from tasks.filters import Position
from tasks.identifiers import moment_of, uuid7
from tasks.statements import FIELDS, numbered
from todo_project.database.statements import Row


def new_row(
    user_id: str | None, task_id: UUID, title: str, description: str | None = None, is_completed: bool = False
) -> Row:
    # Take created_at from the id, so that ordering by id is ordering by created_at.
    created_at = moment_of(task_id)
    values = (task_id, user_id, title, description, is_completed, created_at, created_at)
    return dict(zip(FIELDS, values, strict=True))


def new_rows(user_id: str | None, bodies: Sequence[Row]) -> list[Row]:
    # Sorted, since two ids of the same quarter of a microsecond come in any order.
    ids = sorted(uuid7() for _ in bodies)
    return [new_row(user_id, task_id, **body) for task_id, body in zip(ids, bodies, strict=True)]


def position_of(row: Row) -> Position:
    # A list has its ids as text where the database can write them so.
    return Position(row["updated_at"], UUID(str(row["id"])))


def parameters_of(rows: Sequence[Row]) -> Row:
    """The parameters of one INSERT of all the rows."""
    return {numbered(name, number): value for number, row in enumerate(rows) for name, value in row.items()}
