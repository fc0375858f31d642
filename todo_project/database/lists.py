"""A list of values as one parameter of a statement, so that their number is no part of the statement."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Field, Func
from django.db.models.sql.compiler import SQLCompiler


class ListField(Field):  # type: ignore[type-arg]  # why: the stubs' Field wants types that a parameter has no use for
    """The type of a parameter that is a list of another field's values: an array, or JSON where there are none."""

    def __init__(self, base: "Field[Any, Any]") -> None:
        super().__init__()
        self.base = base

    def get_db_prep_value(self, value: Sequence[Any], connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        values = [self.base.get_db_prep_value(each, connection, prepared) for each in value]
        return values if connection.vendor == "postgresql" else json.dumps(values)


class IsAnyOf(Func):
    """Whether a value is in a list: IsAnyOf("updated_at", Parameter("tags", ListField(…)))."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        template = "%(expressions)s))"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" IN (SELECT value FROM json_each(")
