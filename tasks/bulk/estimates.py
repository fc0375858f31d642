"""How many there are, as far as the database knows without counting."""

import json

from django.db import connection
from django.db.models import QuerySet

from tasks.models import Task


def estimated_count(tasks: "QuerySet[Task]") -> int:
    """How many rows PostgreSQL's planner expects, read from its statistics in no time; SQLite counts them."""
    if connection.vendor == "postgresql":
        return int(json.loads(tasks.explain(format="json"))[0]["Plan"]["Plan Rows"])
    return tasks.count()


def estimated_users(tasks: int) -> int | None:
    """How many users own that many tasks, by PostgreSQL's last ANALYZE. SQLite keeps no such number."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        sql = "SELECT n_distinct FROM pg_stats WHERE tablename = %s AND attname = 'user_id'"
        cursor.execute(sql, [Task._meta.db_table])
        row = cursor.fetchone()
    # A negative number is a share of the rows.
    return round(row[0] if row[0] > 0 else -row[0] * tasks) if row else None
