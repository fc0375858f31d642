"""The fixed statements of the API, each compiled once. Every one of them is bound by `user_id`."""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.db.models import DateTimeField, F, Field, IntegerField, Model, QuerySet, UUIDField
from django.db.models.sql import DeleteQuery, InsertQuery, Query, UpdateQuery

from tasks.expressions import IdText, next_updated_at
from tasks.filters import DEFAULT_SORT, SORTS, parameter_conditions
from todo_project.database.lists import IsAnyOf, ListField
from todo_project.database.statements import NO_ENDING, Ending, Parameter, Statement

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


# The user's id stands in each statement once, as `user_id = …`: PostgreSQL then keeps one plan for all users, and Citus
# finds the shard before it plans. PostgreSQL may then find one task by the index of ids alone, and look at another
# user's row to see that it is not this user's.


def tasks_of_user(task: "type[Task]") -> "QuerySet[Task, Any]":
    return task.objects.filter(**parameters(task, "user_id"))


def one_task(task: "type[Task]") -> "QuerySet[Task, Any]":
    return tasks_of_user(task).filter(**parameters(task, "id"))


def get(task: "type[Task]") -> Query:
    query: Query = one_task(task).order_by().values(*FIELDS).query
    return query


def lock(task: "type[Task]") -> Query:
    is_asked_for = IsAnyOf(F("id"), Parameter("ids", ListField(UUIDField())))
    tasks = tasks_of_user(task).filter(is_asked_for).order_by("id").select_for_update()
    query: Query = tasks.values(*FIELDS).query
    return query


# The limit is a parameter, so that each combination of filters has one statement for each sort: 256 of them in all.
LIMIT = Ending(" LIMIT %s", (Parameter("limit", IntegerField()),))


@cache
def list_statement(sort: str, filters: tuple[str, ...]) -> Statement:
    """The tasks behind a position in the order of `sort`, narrowed by the named filters."""

    def select(task: "type[Task]") -> Query:
        order = SORTS[sort]
        tasks = tasks_of_user(task).filter(order.behind, *parameter_conditions(filters)).order_by(*order.fields)
        query: Query = tasks.values_list(IdText("id"), *FIELDS[1:]).query
        return query

    return Statement(select, FIELDS, ending=LIMIT)


@cache
def update_statement(
    names: tuple[str, ...], expressions: tuple[tuple[str, Any], ...], conditions: tuple[str, ...]
) -> Statement:
    """The UPDATE that sets the named fields to values and others to expressions. It moves updated_at by `now`."""

    def update(task: "type[Task]") -> Query:
        query = cast(UpdateQuery, one_task(task).filter(*time_conditions(conditions)).query.chain(UpdateQuery))
        moved = next_updated_at(parameter(task, "now", "updated_at"))
        query.add_update_values(parameters(task, *names) | dict(expressions) | {"updated_at": moved})
        return query

    # An expression reads the row, as a toggle does: sent twice it sets something else than sent once.
    return Statement(update, FIELDS, repeatable=not expressions)


@cache
def delete_statement(conditions: tuple[str, ...]) -> Statement:
    def delete(task: "type[Task]") -> Query:
        return one_task(task).filter(*time_conditions(conditions)).query.chain(DeleteQuery)

    return Statement(delete, ["id"], repeatable=False)


def time_conditions(names: tuple[str, ...]) -> list[Any]:
    """The task's updated_at is `among` some times, or `besides` others."""
    times = ListField(DateTimeField())
    is_any_of = {name: IsAnyOf(F("updated_at"), Parameter(name, times)) for name in names}
    return [~each if name == "besides" else each for name, each in is_any_of.items()]


@cache
def complete_matching_statement(filters: tuple[str, ...]) -> Statement:
    """The UPDATE of the tasks that match the filters and are in the other state. It gives a row for each."""

    def complete(task: "type[Task]") -> Query:
        was, now = parameter(task, "was", "is_completed"), parameter(task, "now", "updated_at")
        tasks = tasks_of_user(task).filter(*parameter_conditions(filters), is_completed=was)
        query = cast(UpdateQuery, tasks.query.chain(UpdateQuery))
        state = parameter(task, "state", "is_completed")
        query.add_update_values({"is_completed": state, "updated_at": next_updated_at(now)})
        return query

    # The second time it would find none of them in the other state, and count 0.
    return Statement(complete, ["is_completed"], repeatable=False)


@cache
def delete_matching_statement(filters: tuple[str, ...]) -> Statement:
    """The DELETE of the tasks that match the filters. It gives a row for each."""

    def delete(task: "type[Task]") -> Query:
        return tasks_of_user(task).filter(*parameter_conditions(filters)).query.chain(DeleteQuery)

    return Statement(delete, ["is_completed"], repeatable=False)


# Where the key is there already, the row of the key comes back as it is now. Where it was made of another body, the
# whole statement fails: PostgreSQL divides by zero, made of a column, since it would work out a constant when it plans.
# On SQLite that gives NULL, which `task_idempotency` refuses. With that constraint PostgreSQL would write the row, a
# user's text, into its log.
ON_CONFLICT = Ending(
    " ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO UPDATE SET idempotency_digest ="
    " CASE WHEN tasks_task.idempotency_digest = excluded.idempotency_digest THEN excluded.idempotency_digest"
    " ELSE CAST(1 / (length(excluded.idempotency_digest) - length(excluded.idempotency_digest)) AS varchar) END"
)
OF_A_KEY = ("idempotency_key", "idempotency_digest")


@cache
def insert_statement(count: int, *, has_key: bool = False) -> Statement:
    """One INSERT of `count` tasks. The parameters of the second are `title_1` and so on."""
    names = FIELDS + OF_A_KEY if has_key else FIELDS

    def insert(task: "type[Task]") -> Query:
        query = InsertQuery(task)
        rows: list[Model] = [
            task(**{name: parameter(task, numbered(name, number), name) for name in names}) for number in range(count)
        ]
        # Raw: auto_now would put the time of the compilation in place of the parameter.
        query.insert_values([field_of(task, name) for name in names], rows, raw=True)
        return query

    returned = (*FIELDS, "idempotency_key") if has_key else ()
    return Statement(insert, returned, ending=ON_CONFLICT if has_key else NO_ENDING, is_kept=count == 1)


def numbered(name: str, number: int) -> str:
    """The parameter of a field in one row of several. The user is the same in all."""
    return f"{name}_{number}" if number and name != "user_id" else name


LIST = list_statement(DEFAULT_SORT, ())
GET = Statement(get, FIELDS)
LOCK = Statement(lock, FIELDS)
CREATE = insert_statement(1)
