"""Expressions of SQL that both databases understand, each in its own words."""

from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, DateTimeField, Expression, F, Func, UUIDField, When
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler


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
