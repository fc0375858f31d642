from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import operations
from psycopg import DataError


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Sequence[Any] | None) -> str | None:  # type: ignore[override]  # why: the stubs say str alone
        """The statement with its values, for `connection.queries`. Django's own asks the cursor, which may be ours."""
        try:
            return self.compose_sql(sql, params)  # type: ignore[no-any-return]  # why: untyped
        except DataError:
            return None
