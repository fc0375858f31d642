"""The fixed statements of the API, each compiled once. Every one of them is bound by `user_id`."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, DateTimeField, Expression, F, Field, Func, QuerySet, UUIDField, When
from django.db.models.expressions import RawSQL
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from todo_project.database.statements import Parameter, Statement

if TYPE_CHECKING:
    from tasks.models import Task

# Up to here a list is one statement and one answer with its length.
PAGE_SIZE = 2_000
# The members of a task as clients see it, in their order: of the serializer, of SELECT and of RETURNING.
FIELDS = ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")


def field_of(task: "type[Task]", name: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", task._meta.get_field(name))


def parameter(task: "type[Task]", name: str, field: str) -> Parameter:
    return Parameter(name, field_of(task, field))


def parameters(task: "type[Task]", *names: str) -> dict[str, Parameter]:
    return {name: parameter(task, name, name) for name in names}


class IdText(Func):
    """The id as text where the database can write it: UUID objects for 1,000 ids cost a tenth of their list."""

    template = "%(expressions)s::text"
    output_field = UUIDField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        return compiler.compile(self.get_source_expressions()[0])


class MicrosecondLater(Func):
    """A time plus one microsecond, by functions that PostgreSQL calls immutable: `timestamptz + interval` is not.

    Citus runs no UPDATE with a stable function of a column.
    """

    template = "timezone('UTC', timezone('UTC', %(expressions)s) + interval '1 microsecond')"
    output_field = DateTimeField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        # The function that Django gives SQLite for its own sums of times.
        return self.as_sql(compiler, connection, template="django_format_dtdelta('+', %(expressions)s, 1)")


def next_updated_at(now: Expression | datetime) -> Case:
    """The new updated_at of a write: now, or a microsecond after the last write where the clock is behind that.

    On the last day that Python can name, the time stays as it is.
    """
    return Case(
        When(updated_at__lt=now, then=now),
        When(updated_at__lt=RawSQL("'9999-12-31'", []), then=MicrosecondLater("updated_at")),
        default=F("updated_at"),
    )


# The user's id stands in each statement once, as `user_id = …`: PostgreSQL then keeps one plan for all users, and Citus
# finds the shard before it plans. PostgreSQL may then find one task by the index of ids alone, and look at another
# user's row to see that it is not this user's.


def tasks_of_user(task: "type[Task]") -> "QuerySet[Task, Any]":
    return task.objects.filter(**parameters(task, "user_id"))


def one_task(task: "type[Task]") -> "QuerySet[Task, Any]":
    return tasks_of_user(task).filter(**parameters(task, "id"))


def page(task: "type[Task]") -> Query:
    """The first PAGE_SIZE tasks of a range of ids, and one more where there is another page."""
    # Of a range with two ends PostgreSQL expects few rows, and reads them in the index's order. By an average user's
    # number of rows it may collect and sort them, and a long list takes half as long again.
    ids = {"id__gte": parameter(task, "first", "id"), "id__lte": parameter(task, "last", "id")}
    tasks = tasks_of_user(task).filter(**ids).order_by("id")
    query: Query = tasks.values_list(IdText("id"), *FIELDS[1:])[: PAGE_SIZE + 1].query
    return query


def get(task: "type[Task]") -> Query:
    query: Query = one_task(task).order_by().values(*FIELDS).query
    return query


def insert(task: "type[Task]") -> Query:
    query = InsertQuery(task)
    # Raw: auto_now would put the time of the compilation in place of the parameter.
    query.insert_values([field_of(task, name) for name in FIELDS], [task(**parameters(task, *FIELDS))], raw=True)
    return query


def delete(task: "type[Task]") -> Query:
    return one_task(task).query.chain(DeleteQuery)


@cache
def update_statement(names: tuple[str, ...], expressions: tuple[tuple[str, Any], ...]) -> Statement:
    """The UPDATE that sets the named fields to values and others to expressions. It moves updated_at by `now`."""

    def update(task: "type[Task]") -> Query:
        query = cast(UpdateQuery, one_task(task).query.chain(UpdateQuery))
        moved = next_updated_at(parameter(task, "now", "updated_at"))
        query.add_update_values(parameters(task, *names) | dict(expressions) | {"updated_at": moved})
        return query

    # An expression reads the row, as a toggle does: sent twice it sets something else than sent once.
    return Statement(update, FIELDS, repeatable=not expressions)


LIST = Statement(page, FIELDS)
GET = Statement(get, FIELDS)
CREATE = Statement(insert)
DELETE = Statement(delete, ["id"], repeatable=False)
