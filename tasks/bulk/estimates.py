"""How many there are, as far as the database knows without counting."""

import json
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from tasks.models import Task
from todo_project.database.postgresql.citus import citus_role, is_distributed
from todo_project.database.postgresql.local_settings import set_locally

TABLE = Task._meta.db_table
# A negative n_distinct is a share of the rows.
OWNERS = """
SELECT CASE WHEN n_distinct > 0 THEN n_distinct ELSE -n_distinct * reltuples END
FROM pg_stats JOIN pg_class ON pg_class.oid = to_regclass(format('%I.%I', schemaname, tablename))
WHERE tablename = '{table}' AND attname = 'user_id'
"""
# Citus puts the name of the shard in place of %s. All tasks of a user are in one.
OF_ALL_SHARDS = "SELECT sum(nullif(result, '')::float) FROM run_command_on_shards(%s, %s)"
OF_A_SHARD = OWNERS.replace("%I.%I", "%%I.%%I").format(table="%s")


def estimated_count(tasks: "QuerySet[Task]") -> int:
    """How many rows PostgreSQL's planner expects, read from its statistics in no time; SQLite counts them."""
    if connection.vendor != "postgresql":
        return tasks.count()
    with transaction.atomic(), connection.cursor() as cursor:
        set_locally(cursor, citus__explain_all_tasks="on")
        # Without an order: it would be a plan around that of the shards.
        return planned_rows(json.loads(tasks.order_by().explain(format="json"))[0])


def planned_rows(explained: dict[str, Any]) -> int:
    """The rows in the output of EXPLAIN. Of a distributed table the number at the top is a constant of Citus."""
    plan = explained["Plan"]
    if "Distributed Query" not in plan:
        return int(plan["Plan Rows"])
    shards = plan["Distributed Query"]["Job"]["Tasks"]
    return sum(planned_rows(part) for shard in shards for parts in shard["Remote Plan"] for part in parts)


def estimated_users() -> int | None:
    """How many users have tasks, by PostgreSQL's last ANALYZE. SQLite keeps no such number."""
    if connection.vendor != "postgresql":
        return None
    is_spread = citus_role() is not None and is_distributed(TABLE)
    with connection.cursor() as cursor:
        if is_spread:
            cursor.execute(OF_ALL_SHARDS, [TABLE, OF_A_SHARD])
        else:
            cursor.execute(OWNERS.format(table=TABLE))
        row = cursor.fetchone()
    return round(row[0]) if row and row[0] is not None else None
