"""The checks of `manage.py doctor` on the tasks' table: where it is, and that a list uses its index."""

from collections.abc import Iterator

from django.db import connection, transaction

from tasks.bulk.estimates import estimated_count
from tasks.models import Task
from tasks.statements import FIELDS, PAGE_SIZE
from todo_project.database.postgresql.citus import ADVICE, WORKER, citus_role, is_distributed
from todo_project.database.postgresql.local_settings import set_locally
from todo_project.doctor.findings import Finding, fault, ok

TABLE, INDEX, COLUMNS = Task._meta.db_table, "task_user_id_id", ["user_id", "id"]
# PostgreSQL is right to read a smaller table as a whole.
SMALL = 10_000
# Where one user has nearly all tasks, PostgreSQL may rightly read them by the primary key, but not those of a user who
# has none.
NOBODY = "a user without tasks, for manage.py doctor"


def index() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        constraints = connection.introspection.get_constraints(cursor, TABLE)
    # Where the table is distributed, that is its primary key.
    names = [
        name
        for name, found in constraints.items()
        if (found["index"] or found["primary_key"]) and found["columns"] == COLUMNS
    ]
    if not names:
        advice = f"CREATE INDEX {INDEX} ON {TABLE} ({', '.join(COLUMNS)});"
        yield fault("index", "there is none on (user_id, id): each request reads the whole table", advice)
        return
    plan = plan_of_a_list()
    if any(name in plan for name in names):
        yield ok("index", f"a list goes through {names[0]}")
    else:
        yield fault(
            "index",
            f"a list does not go through {names[0]}",
            f"ANALYZE {TABLE}; if that does not help, REINDEX TABLE {TABLE};",
        )


def distribution() -> Iterator[Finding]:
    """Nothing where there is no Citus."""
    role = citus_role()
    if role == "worker":
        yield fault("Citus", WORKER, ADVICE)
    elif role and is_distributed(TABLE):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(DISTINCT (nodename, nodeport)) FROM citus_shards WHERE table_name::text = %s",
                [TABLE],
            )
            shards, nodes = cursor.fetchone()
        yield ok("Citus", f"tasks are spread by user_id over {shards} shards on {nodes} nodes")
    elif role:
        yield ok("Citus", "tasks are on the coordinator alone; manage.py distribute_tasks spreads them")


def plan_of_a_list() -> str:
    tasks = Task.objects.for_user(NOBODY).order_by("id").values(*FIELDS)[: PAGE_SIZE + 1]
    with transaction.atomic():
        if connection.vendor == "postgresql" and estimated_count(Task.objects.all()) < SMALL:
            with connection.cursor() as cursor:
                set_locally(cursor, enable_seqscan="off")
        return str(tasks.explain())
