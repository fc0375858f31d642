"""What a database is in a Citus cluster, which spreads the rows of a table over several PostgreSQL servers.

The coordinator knows the cluster, and is where tables are made. The workers have the rows.
"""

from typing import Literal

from django.db import connection

WORKER = "This database is a worker of a Citus cluster."
ADVICE = "Name the coordinator in DATABASE_URL: tables are made there."


def citus_role() -> Literal["coordinator", "worker"] | None:
    """None where the database does not have the extension. Raises django.db.Error where it does not answer."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
        if not cursor.fetchone():
            return None
        cursor.execute("SELECT groupid FROM pg_dist_local_group")
        (group,) = cursor.fetchone()
    # The coordinator is the group 0, also before it has workers.
    return "worker" if group else "coordinator"


def distribution_column(table: str) -> str | None:
    """None where the rows are not spread by a column. Call this only where there is a `citus_role`."""
    with connection.cursor() as cursor:
        # Of a table that Citus knows and does not spread, the key is null.
        sql = (
            "SELECT column_to_column_name(logicalrelid, partkey) FROM pg_dist_partition"
            " WHERE logicalrelid = to_regclass(%s) AND partkey IS NOT NULL"
        )
        cursor.execute(sql, [table])
        row = cursor.fetchone()
    return row[0] if row else None


def is_distributed(table: str) -> bool:
    """Whether the rows are spread by a column. Call this only where there is a `citus_role`."""
    return distribution_column(table) is not None


def is_known(table: str) -> bool:
    """Whether Citus has taken the table over, also where it has not spread the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass(%s)", [table])
        return bool(cursor.fetchone())
