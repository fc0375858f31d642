"""Statements whose shape never changes: Django compiles each once for a database, and afterwards it is only sent.

Building and compiling a queryset costs more than the rest of a get (docs/design.md). SQL, adapters and converters stay
Django's own; only the outcome of the compilation is kept.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import InsertQuery, Query
from django.db.models.sql.compiler import SQLCompiler

# A row by field names. What the driver gives is a tuple.
Row = dict[str, Any]
Render = Callable[[list[Row]], Any]


class Parameter(Expression):
    """Stands in a query for the value that each execution brings under `name`."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        return "%s", [self]


class Ending(NamedTuple):
    """What Django cannot write at the end of a statement: LIMIT with a parameter, ON CONFLICT of a partial index."""

    sql: str = ""
    parameters: tuple[Parameter, ...] = ()


NO_ENDING = Ending()


class Compiled:
    """A statement in the SQL of one database."""

    def __init__(self, query: Query, names: Sequence[str], ending: Ending, connection: BaseDatabaseWrapper) -> None:
        meta = query.get_meta()
        columns = [cast("Field[Any, Any]", meta.get_field(name)) for name in names]
        compiler = query.get_compiler(connection=connection)
        # An InsertQuery compiles to a list of statements; here it holds one.
        sql, parameters = compiler.as_sql()[0] if isinstance(query, InsertQuery) else compiler.as_sql()
        self.sql, parameters = sql + ending.sql, (*parameters, *ending.parameters)
        if columns and type(query) is not Query:
            self.sql += " " + connection.ops.return_insert_columns(columns)[0]
        self.parameters = [(p.name, p.output_field.get_db_prep_value) for p in parameters]
        self.converters = list(compiler.get_converters([field.get_col(meta.db_table) for field in columns]).items())

    def converted(self, row: Sequence[Any], connection: BaseDatabaseWrapper) -> Sequence[Any]:
        values = list(row)
        for position, (converters, expression) in self.converters:
            for converter in converters:
                values[position] = converter(values[position], expression, connection)
        return values


class Statement:
    """A query of Parameters, which `build` makes for a model. It selects, or a write returns, the fields `names`.

    A statement is repeatable if sending it twice has the effect of sending it once. It is kept prepared by PostgreSQL,
    unless it is one of many that are seldom sent.
    """

    def __init__(
        self,
        build: Callable[[Any], Query],
        names: Sequence[str] = (),
        *,
        ending: Ending = NO_ENDING,
        repeatable: bool = True,
        is_kept: bool = True,
    ) -> None:
        self.build = build
        self.names = names
        self.ending = ending
        self.options: dict[str, Any] = {"returns_rows": bool(names), "repeatable": repeatable, "is_kept": is_kept}
        self.as_dicts = dict_maker(names)
        self.compiled: dict[str, Compiled] = {}

    def send(self, queryset: "QuerySet[Any]", render: Render | None = None, /, **values: Any) -> list[Any]:
        """Executes the statement, alone, on the queryset's database, and gives its rows as dicts by field name.

        With `render` it gives the results of that function instead, called with some rows at a time as they arrive.
        """
        connection = connections[queryset.db]
        compiled = self.compiled.get(queryset.db) or self.compile(queryset.model, connection)
        if connection.vendor == "postgresql":
            # psycopg takes each value by its type. Django's fields would pass it on unchanged, for 4% of a create.
            parameters = [values[name] for name, _ in compiled.parameters]
        else:
            parameters = [prepare(values[name], connection) for name, prepare in compiled.parameters]
        execute = getattr(connection, "execute_alone", None) or partial(execute_alone, connection)
        if render is None:
            return self.dicts(execute(compiled.sql, parameters, **self.options), compiled, connection)
        rendered: list[Any] = execute(
            compiled.sql, parameters, render=lambda rows: render(self.dicts(rows, compiled, connection)), **self.options
        )
        return rendered

    @staticmethod
    def was_sent_twice(queryset: "QuerySet[Any]") -> bool:
        """Whether the last statement was sent again, because its answer was lost: the first time may have done it."""
        return getattr(connections[queryset.db], "was_sent_twice", False)

    def compile(self, model: Any, connection: BaseDatabaseWrapper) -> Compiled:
        compiled = Compiled(self.build(model), self.names, self.ending, connection)
        self.compiled[connection.alias] = compiled
        return compiled

    def dicts(self, rows: list[Any], compiled: Compiled, connection: BaseDatabaseWrapper) -> list[Row]:
        if compiled.converters:
            rows = [compiled.converted(row, connection) for row in rows]
        return self.as_dicts(rows)


def dict_maker(names: Sequence[str]) -> Callable[[Sequence[Sequence[Any]]], list[Row]]:
    """A function that makes dicts of tuples by a dict display, in a quarter of the time of dict(zip(names, row))."""
    if not names:
        return lambda rows: []
    items = ", ".join(f"{name!r}: {name}" for name in names)
    source = f"lambda rows: [{{{items}}} for ({', '.join(names)},) in rows]"
    return eval(source)  # type: ignore[no-any-return]  # noqa: S307 -- of field names, as namedtuple does


def execute_alone(
    connection: BaseDatabaseWrapper,
    sql: str,
    parameters: Sequence[Any],
    *,
    returns_rows: bool,
    render: Callable[[list[Any]], Any] | None = None,
    **_: Any,
) -> list[Any]:
    """Executes on a database in this process: it needs no repeating, and its rows arrive at once."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall() if returns_rows else []
    return [render(rows)] if render and rows else rows
