"""The vocabulary of tasks: `for_user`, and behind it one method for each statement of the API."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError, OperationalError
from django.db.models import QuerySet, Value
from django.utils import timezone

from tasks.conditions import UNCONDITIONAL, Condition, TaskHasChangedError
from tasks.filters import DEFAULT_SORT, FILTERS, NO_FILTERS, SORTS, Filters, Position, prepared
from tasks.identifiers import uuid7
from tasks.keys import Key, KeyIsTakenError
from tasks.rows import new_row, new_rows, parameters_of, position_of
from tasks.statements import (
    CREATE,
    GET,
    LOCK,
    PAGE_SIZE,
    complete_matching_statement,
    delete_matching_statement,
    delete_statement,
    insert_statement,
    list_statement,
    update_statement,
)
from todo_project.database.errors import DIVISION_BY_ZERO, sqlstate_of
from todo_project.database.statements import Row, Statement

if TYPE_CHECKING:
    from tasks.models import Task

Rendered = TypeVar("Rendered")
# A write that waits while Citus moves the user's tasks to another shard (distribute_tasks --online) finds none of them.
# So where a write finds nothing, the task is looked up, and where it is there, the write is sent again.
ATTEMPTS = 2


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

    def matching(self, **filters: Any) -> Self:
        """The tasks that match the filters of the API, as a queryset like any other (tasks/filters.py)."""
        values = prepared(filters, self.db)
        return self.filter(*[FILTERS[name].condition(Value(values[name], FILTERS[name].type)) for name in values])

    def pages(
        self,
        render: Callable[[list[Row]], Rendered],
        filters: Filters = NO_FILTERS,
        sort: str = DEFAULT_SORT,
        after: Position | None = None,
    ) -> Iterator[list[Rendered]]:
        """All tasks, rendered some at a time while more rows arrive. Each page is one statement and one list.

        A page has up to PAGE_SIZE tasks and one more, so that memory does not grow with their number. The pages are
        not a snapshot: a task that is deleted or changed meanwhile shows as such in the pages that follow.
        """

        def render_rows(rows: list[Row]) -> tuple[int, Row, Rendered]:
            return len(rows), rows[-1], render(rows)

        count = PAGE_SIZE + 1
        while count > PAGE_SIZE:
            parts = self._list(filters, sort, after, PAGE_SIZE + 1, render_rows)
            yield [rendered for _, _, rendered in parts]
            count = sum(rows for rows, _, _ in parts)
            after = position_of(parts[-1][1]) if parts else None

    def page(
        self, limit: int, filters: Filters = NO_FILTERS, sort: str = DEFAULT_SORT, after: Position | None = None
    ) -> tuple[list[Row], Position | None]:
        """Up to `limit` tasks behind a position, and the position of the last of them where there are more."""
        rows = self._list(filters, sort, after, limit + 1)
        return rows[:limit], position_of(rows[limit - 1]) if len(rows) > limit else None

    def row(self, task_id: UUID | None) -> Row:
        """Raises Task.DoesNotExist, as all that take an id do. None is the id of no task."""
        rows = self._send(GET, id=task_id) if task_id else []
        if not rows:
            raise self.model.DoesNotExist("Task not found")
        return rows[0]  # type: ignore[no-any-return]  # why: rows, where nothing else is made of them

    def create_returning(self, title: str, description: str | None = None, is_completed: bool = False) -> Row:
        row = new_row(self._user_id, uuid7(), title, description, is_completed)
        self._send(CREATE, **row)
        return row

    def create_many_returning(self, bodies: Sequence[dict[str, Any]]) -> list[Row]:
        """One statement for all: either all tasks are there or none is."""
        rows = new_rows(self._user_id, bodies)
        self._send(insert_statement(len(rows)), **parameters_of(rows))
        return rows

    def create_once_returning(self, bodies: Sequence[dict[str, Any]], key: Key) -> tuple[list[Row], bool]:
        """The tasks that were made with the key, or are made now; and whether some were there before.

        Raises KeyIsTakenError, and nothing is made, where the key was used with another digest. A key belongs to its
        user and lives as long as its task.
        """
        rows = [row | key.columns(number) for number, row in enumerate(new_rows(self._user_id, bodies))]
        statement, values = insert_statement(len(rows), has_key=True), parameters_of(rows)
        try:
            # It gives nothing where it was sent twice, and met its own ids while the first one still ran. The first is
            # done by then, and the next one meets its keys.
            found = self._send(statement, **values) or self._send(statement, **values)
        except (DataError, IntegrityError) as error:
            if sqlstate_of(error) != DIVISION_BY_ZERO and "task_idempotency" not in str(error):
                raise
            raise KeyIsTakenError from error
        by_key = {row.pop("idempotency_key"): row for row in found}
        created = [by_key[row["idempotency_key"]] for row in rows]
        return created, any(one["id"] != row["id"] for one, row in zip(created, rows, strict=True))

    def update_returning(self, task_id: UUID | None, condition: Condition = UNCONDITIONAL, **changes: Any) -> Row:
        """Sets fields to values or expressions, and moves updated_at. Atomic: two toggles at once flip twice.

        Raises TaskHasChangedError where the condition does not hold, and OperationalError where nobody can know whether
        it held.
        """
        expressions = {name: value for name, value in changes.items() if hasattr(value, "resolve_expression")}
        values = {name: value for name, value in changes.items() if name not in expressions}
        statement = update_statement(tuple(values), tuple(expressions.items()), tuple(condition.values()))
        now = timezone.now()
        try:
            return self._write(statement, task_id, condition, now=now, **values)
        except TaskHasChangedError as changed:
            if not changed.was_sent_twice:
                raise
            if condition.may_have_set(changed.row["updated_at"], now) and changed.row == changed.row | values:
                return changed.row
            raise OperationalError("The update may have been done before the task was changed again") from changed

    def delete_returning(self, task_id: UUID | None, condition: Condition = UNCONDITIONAL) -> Row:
        """Raises TaskHasChangedError where the condition does not hold."""
        return self._write(delete_statement(tuple(condition.values())), task_id, condition)

    def complete_matching(self, is_completed: bool, filters: Filters) -> int:
        """Sets the state of the tasks that match the filters. Gives how many were in the other state."""
        values = prepared(filters, self.db)
        statement = complete_matching_statement(tuple(values))
        return self._count(statement, **values, was=not is_completed, state=is_completed, now=timezone.now())

    def delete_matching(self, filters: Filters) -> int:
        """Deletes the tasks that match the filters, and gives their number."""
        values = prepared(filters, self.db)
        return self._count(delete_matching_statement(tuple(values)), **values)

    def lock_rows(self, ids: Sequence[UUID]) -> list[Row]:
        """The user's tasks among the ids, locked until the transaction ends. Call this inside one."""
        return self._send(LOCK, ids=list(ids))

    def _list(
        self,
        filters: Filters,
        sort: str,
        after: Position | None,
        limit: int,
        render: Callable[[list[Row]], Any] | None = None,
    ) -> list[Any]:
        values = prepared(filters, self.db)
        place = SORTS[sort].values(after)
        return self._send(list_statement(sort, tuple(values)), render, **values, **place, limit=limit)

    def _write(self, statement: Statement, task_id: UUID | None, condition: Condition, **values: Any) -> Row:
        # No task meets an empty `among`. It is only looked up, to tell 412 from 404.
        is_sent = task_id and condition.among != ()
        for _ in range(ATTEMPTS):
            rows = self._send(statement, id=task_id, **values, **condition.values()) if is_sent else []
            if rows:
                return rows[0]  # type: ignore[no-any-return]  # why: rows, where nothing else is made of them
            was_sent_twice = bool(is_sent) and statement.was_sent_twice(self)
            row = self.row(task_id)
            if not condition.is_met_by(row["updated_at"]):
                raise TaskHasChangedError(row, was_sent_twice=was_sent_twice)
        raise OperationalError("The task is there, but the write did not find it")

    def _count(self, statement: Statement, **values: Any) -> int:
        """How many tasks the statement writes. Where it finds none it is sent once more, as a write of one task is."""
        return sum(self._send(statement, len, **values) or self._send(statement, len, **values))

    def _send(
        self, statement: Statement, render: Callable[[list[Row]], Any] | None = None, /, **values: Any
    ) -> list[Any]:
        if self._user_id is None:
            raise TypeError("Call this on Task.objects.for_user() itself: the statement has no room for a filter")
        return statement.send(self, render, **values | {"user_id": self._user_id})
