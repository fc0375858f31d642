"""Which migrations the database lacks, and which it has that this version does not know."""

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor


def missing_migrations() -> list[Migration]:
    """Those that `migrate` would apply, in its order. Raises django.db.Error where the database does not answer."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def unknown_migrations() -> list[str]:
    """The names, such as "tasks.0002_title", that are applied but are not of this version."""
    loader = MigrationExecutor(connection).loader
    return sorted(f"{app}.{name}" for app, name in set(loader.applied_migrations) - set(loader.disk_migrations or {}))
