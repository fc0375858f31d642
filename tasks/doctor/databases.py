"""What both databases are asked: whether they answer, hold the tables of this version, and use the index."""

from collections.abc import Iterator

from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tasks.doctor import postgresql, sqlite
from tasks.doctor.findings import Check, Finding, fault, ok, warning
from tasks.estimates import estimated_count
from tasks.management.task_command import reason
from tasks.models import Task
from tasks.querysets import FIELDS, PAGE_SIZE
from todo_project.postgresql.outage import outage

TABLE, INDEX, COLUMNS = Task._meta.db_table, "task_user_id_id", ["user_id", "id"]
# Below, PostgreSQL is right to read the table as a whole.
SMALL = 10_000


def database() -> Iterator[Finding]:
    """Everything about the database, or that it cannot be reached."""
    try:
        with outage.not_waited_for():
            connection.ensure_connection()
        for check in [*VENDORS[connection.vendor], migrations, index]:
            yield from check()
    except Error as error:
        yield fault("database", reason(error), "Look at DATABASE_URL, and whether the database runs.")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations or {})
    if missing:
        first, _ = missing[0]
        message = f"{len(missing)} are not applied, {first.app_label}.{first.name} first"
        yield fault("migrations", message, "python3 run.py manage migrate")
    elif unknown:
        names = ", ".join(sorted(f"{app}.{name}" for app, name in unknown))
        yield warning("migrations", f"applied, and unknown here: {names}", "Run the version that the database is of.")
    else:
        yield ok("migrations", "all applied")


def index() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        constraints = connection.introspection.get_constraints(cursor, TABLE)
    names = [name for name, found in constraints.items() if found["index"] and found["columns"] == COLUMNS]
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
            f"ANALYZE {TABLE}; and where that does not help, REINDEX TABLE {TABLE};",
        )


def plan_of_a_list() -> str:
    user_id = Task.objects.order_by("id").values_list("user_id", flat=True).first() or "nobody"
    tasks = Task.objects.for_user(user_id).order_by("id").values(*FIELDS)[: PAGE_SIZE + 1]
    with transaction.atomic():
        if connection.vendor == "postgresql" and estimated_count(Task.objects.all()) < SMALL:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        return str(tasks.explain())


VENDORS: dict[str, list[Check]] = {"postgresql": postgresql.CHECKS, "sqlite": sqlite.CHECKS}
CHECKS: list[Check] = [database]
