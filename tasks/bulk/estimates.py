import json

from django.db import connection
from django.db.models import QuerySet

from tasks.models import Task


def estimated_count(tasks: "QuerySet[Task]") -> int:
    """How many rows PostgreSQL's planner expects, read from its statistics in no time; SQLite counts them."""
    if connection.vendor == "postgresql":
        return int(json.loads(tasks.explain(format="json"))[0]["Plan"]["Plan Rows"])
    return tasks.count()
