"""The vocabulary of tasks: `for_user`, and behind it one method for each statement of the API."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tasks.identifiers import moment_of, uuid7
from tasks.statements import CREATE, DELETE, FIELDS, GET, LIST, PAGE_SIZE, update_statement
from todo_project.database.statements import Row, Statement

if TYPE_CHECKING:
    from tasks.models import Task

Rendered = TypeVar("Rendered")

FIRST_ID, LAST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)


class TaskQuerySet(QuerySet["Task"]):
    """`for_user` is the one door to a user's tasks. Each method below it sends one statement, bound by that user."""

    # The user whose tasks these are, all of them; None as soon as there is any other filter.
    _user_id: str | None = None

    def __init__(
        self, model: "type[Task] | None" = None, query: Any = None, using: Any = None, hints: Any = None
    ) -> None:
        super().__init__(model, query, using, hints)
        # A manager makes a queryset without a query; a filter, a slice or an order makes one with it.
        self._is_new = query is None

    def for_user(self, user_id: str) -> Self:
        """The user's tasks, oldest first, as a queryset like any other.

        The methods below raise TypeError where a filter stands before it or behind it: their statements are fixed. A
        filter of the API is a statement of its own (docs/design.md, "Add a filter").
        """
        # Django applies the filter when something asks for the query. The methods below never do.
        self._defer_next_filter = True
        tasks = self.filter(user_id=user_id)
        tasks._user_id = user_id if self._is_new else None
        return tasks

    def pages(self, render: Callable[[list[Row]], Rendered]) -> Iterator[list[Rendered]]:
        """All tasks, rendered some at a time while more rows arrive. Each page is one statement and one list.

        A page has up to PAGE_SIZE tasks and one more, so that memory does not grow with their number. The pages are
        not a snapshot: a task that is deleted or changed meanwhile shows as such in the pages that follow.
        """

        def render_rows(rows: list[Row]) -> tuple[int, str, Rendered]:
            return len(rows), rows[-1]["id"], render(rows)

        first, count = FIRST_ID, PAGE_SIZE + 1
        while count > PAGE_SIZE:
            parts = self._send(LIST, render_rows, first=first, last=LAST_ID)
            yield [rendered for _, _, rendered in parts]
            count = sum(rows for rows, _, _ in parts)
            first = UUID(int=UUID(str(parts[-1][1])).int + 1) if parts else LAST_ID

    def row(self, task_id: UUID | None) -> Row:
        """Raises Task.DoesNotExist, as all that take an id do. None is the id of no task."""
        return self._one(GET, task_id)

    def create_returning(self, title: str, description: str | None = None, is_completed: bool = False) -> Row:
        task_id = uuid7()
        # Take created_at from the id, so that ordering by id is ordering by created_at.
        created_at = moment_of(task_id)
        values = (task_id, self._user_id, title, description, is_completed, created_at, created_at)
        row = dict(zip(FIELDS, values, strict=True))
        self._send(CREATE, **row)
        return row

    def update_returning(self, task_id: UUID | None, **changes: Any) -> Row:
        """Sets fields to values or expressions, and moves updated_at. Atomic: two toggles at once flip twice."""
        expressions = {name: value for name, value in changes.items() if hasattr(value, "resolve_expression")}
        values = {name: value for name, value in changes.items() if name not in expressions}
        statement = update_statement(tuple(values), tuple(expressions.items()))
        return self._one(statement, task_id, now=timezone.now(), **values)

    def delete_returning(self, task_id: UUID | None) -> Row:
        return self._one(DELETE, task_id)

    def _one(self, statement: Statement, task_id: UUID | None, **values: Any) -> Row:
        rows = self._send(statement, id=task_id, **values) if task_id else []
        if not rows:
            raise self.model.DoesNotExist("Task not found")
        return rows[0]  # type: ignore[no-any-return]  # why: rows, where nothing else is made of them

    def _send(
        self, statement: Statement, render: Callable[[list[Row]], Any] | None = None, /, **values: Any
    ) -> list[Any]:
        if self._user_id is None:
            raise TypeError("Call this on Task.objects.for_user() itself: the statement has no room for a filter")
        return statement.send(self, render, **values | {"user_id": self._user_id})
