"""The vocabulary of tasks: `for_user`, and the six statements of the API behind it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, QuerySet, UUIDField
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from tasks.identifiers import moment_of, uuid7
from todo_project.statements import Parameter, Row, Statement

if TYPE_CHECKING:
    from tasks.models import Task

Rendered = TypeVar("Rendered")

# Up to here a list is one statement and one answer with its length.
PAGE_SIZE = 2_000
# The members of a task as clients see it, in their order: of the serializer, of SELECT and of RETURNING.
FIELDS = ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")


class TaskQuerySet(QuerySet["Task"]):
    """`for_user` is the one door to a user's tasks. Each method below it sends one statement, bound by that user."""

    _user_id: str | None = None

    def for_user(self, user_id: str) -> Self:
        """The user's tasks, oldest first, as a queryset like any other; a further filter closes the methods below."""
        # Applied when something asks for the query: the methods below never do.
        self._defer_next_filter = True
        tasks = self.filter(user_id=user_id)
        tasks._user_id = user_id
        return tasks

    def pages(self, render: Callable[[list[Row]], Rendered]) -> Iterator[list[Rendered]]:
        """All tasks, rendered some at a time while the rest is on its way; in lists, with a statement for each.

        A list is up to PAGE_SIZE tasks and one more, so memory does not grow with their number. Lists are no snapshot:
        what is deleted or changed meanwhile shows in those still to come.
        """

        def part(rows: list[Row]) -> tuple[int, str, Rendered]:
            return len(rows), rows[-1]["id"], render(rows)

        parts = self._send(LIST, part)
        yield [rendered for _, _, rendered in parts]
        while sum(count for count, _, _ in parts) > PAGE_SIZE:
            parts = self._send(LIST_AFTER, part, after=parts[-1][1])
            yield [rendered for _, _, rendered in parts]

    def row(self, task_id: UUID | None) -> Row:
        """Raises Task.DoesNotExist, as all that take an id do; None is the id of no task."""
        return self._one(GET, task_id)

    def create_returning(self, title: str, description: str | None = None, is_completed: bool = False) -> Row:
        task_id = uuid7()
        # One look at the clock for both: lists are in the order of ids, and say that they are in that of the times.
        now = moment_of(task_id)
        values = (task_id, self._user_id, title, description, is_completed, now, now)
        row = dict(zip(FIELDS, values, strict=True))
        self._send(CREATE, **row)
        return row

    def update_returning(self, task_id: UUID | None, **changes: Any) -> Row:
        """Sets fields to values or expressions, and moves updated_at. Atomic: two toggles at once flip twice."""
        changes["updated_at"] = timezone.now()
        expressions = {name: value for name, value in changes.items() if hasattr(value, "resolve_expression")}
        values = {name: value for name, value in changes.items() if name not in expressions}
        return self._one(update_statement(tuple(values), tuple(expressions.items())), task_id, **values)

    def delete_returning(self, task_id: UUID | None) -> Row:
        return self._one(DELETE, task_id)

    def _one(self, statement: Statement, task_id: UUID | None, **values: Any) -> Row:
        rows = self._send(statement, id=task_id, **values) if task_id else []
        if not rows:
            raise self.model.DoesNotExist("Task not found")
        return rows[0]  # type: ignore[no-any-return]  # why: rows, where nothing else is made of them

    def _send(
        self, statement: Statement, each: Callable[[list[Row]], Any] | None = None, /, **values: Any
    ) -> list[Any]:
        if self._user_id is None:
            raise TypeError("Call this on for_user() itself: the statement is fixed, and a filter would be lost")
        return statement.send(self.db, each, **values | {"user_id": self._user_id})


def parameter(name: str, field: str) -> Parameter:
    return Parameter(name, apps.get_model("tasks", "Task")._meta.get_field(field))


def parameters(*names: str) -> dict[str, Parameter]:
    return {name: parameter(name, name) for name in names}


class RowValue(Func):
    """(user_id, id), to be compared as one value. SQLite, which chooses its index by rules, needs the id alone."""

    template = "(%(expressions)s)"
    output_field = UUIDField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        return compiler.compile(self.get_source_expressions()[-1])


def tasks_of_user() -> "QuerySet[Task, Any]":
    tasks: QuerySet[Task, Any] = apps.get_model("tasks", "Task").objects.filter(**parameters("user_id"))
    return tasks


def key_of(task_id: str) -> RowValue:
    return RowValue(parameter("user_id", "user_id"), parameter(task_id, "id"))


# Where an id alone would do, the whole key of the index is compared. By `id = …` or `id > …` PostgreSQL may take the
# index of ids and read other users' rows to find that they are none of this user's; so said, it takes (user_id, id)
# whatever the table holds (tests/test_plans.py).


def one_task() -> "QuerySet[Task, Any]":
    """The user's task of an id: from it on, and up to it."""
    up_to: Any = LessThanOrEqual(RowValue("user_id", "id"), key_of("id"))
    return tasks_of_user().filter(up_to, id__gte=parameter("id", "id"))


class IdText(Func):
    """The id as clients read it, where the database can write it: objects for 1,000 ids cost a tenth of their list."""

    template = "%(expressions)s::text"
    output_field = UUIDField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        return compiler.compile(self.get_source_expressions()[0])


def page(*after: Any) -> Query:
    """The first tasks, and one more where there is another page."""
    # To PostgreSQL a range from a user to the same user is one row. By an average user's rows it may rather collect
    # and sort them than read them in the index's order, which costs a long list half its time again.
    user_id = parameter("user_id", "user_id")
    tasks = tasks_of_user().filter(*after, user_id__gte=user_id, user_id__lte=user_id).order_by("id")
    query: Query = tasks.values_list(IdText("id"), *FIELDS[1:])[: PAGE_SIZE + 1].query
    return query


def insert() -> Query:
    model = apps.get_model("tasks", "Task")
    query = InsertQuery(model)
    # Raw: auto_now would put this moment's time in place of the parameter.
    query.insert_values([model._meta.get_field(name) for name in FIELDS], [model(**parameters(*FIELDS))], raw=True)
    return query


@cache
def update_statement(names: tuple[str, ...], expressions: tuple[tuple[str, Any], ...]) -> Statement:
    def build() -> Query:
        query = cast(UpdateQuery, one_task().query.chain(UpdateQuery))
        query.add_update_values(parameters(*names) | dict(expressions))
        return query

    # An expression takes what is there, as a toggle does: twice is not once.
    return Statement(build, FIELDS, repeatable=not expressions)


LIST = Statement(page, FIELDS)
LIST_AFTER = Statement(lambda: page(GreaterThan(RowValue("user_id", "id"), key_of("after"))), FIELDS)
GET = Statement(lambda: one_task().order_by().values(*FIELDS).query, FIELDS)
CREATE = Statement(insert)
DELETE = Statement(lambda: one_task().query.chain(DeleteQuery), ["id"], repeatable=False)
