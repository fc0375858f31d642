"""Makes words of titles quick to find in the admin, on PostgreSQL.

It is no part of the model: SQLite has no such index, and a PostgreSQL whose role may not create the extension does
without. The admin then looks through the newest tasks alone, and says so.
"""

import logging

from django.db import DatabaseError, migrations

logger = logging.getLogger(__name__)

INDEX = "tasks_task_title_trigram"
# A former attempt that was interrupted has left an index that is never used.
DROP = f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}"
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
# The left side is as Django writes it for title__icontains. What is new waits in a list until there is enough of it to
# be sorted in; at 4 MB, the default, that kept one create in 5,000 waiting for 130 ms, at 256 kB for 20 ms.
CREATE = (
    f"CREATE INDEX CONCURRENTLY {INDEX} ON tasks_task USING gin (upper(title::text) gin_trgm_ops) "
    "WITH (gin_pending_list_limit = 256)"
)
INSUFFICIENT_PRIVILEGE, FEATURE_NOT_SUPPORTED, UNDEFINED_FILE, UNDEFINED_OBJECT = "42501", "0A000", "58P01", "42704"
# The role may not create the extension, the server does not offer it, or it lies outside of the search path.
WITHOUT = (INSUFFICIENT_PRIVILEGE, FEATURE_NOT_SUPPORTED, UNDEFINED_FILE, UNDEFINED_OBJECT)


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(DROP)
    try:
        schema_editor.execute(EXTENSION)
        schema_editor.execute(CREATE)
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) not in WITHOUT:
            raise
        logger.warning(
            "No index for words of titles, so the admin searches the newest tasks alone. To have it, let a superuser "
            "run: %s; then: %s; (%s)", EXTENSION, CREATE, str(error).strip().splitlines()[0],
        )


def drop(apps, schema_editor):
    # The extension stays: others may use it.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    # CONCURRENTLY: the API writes on while the index is made, which a transaction around it would not allow.
    atomic = False

    dependencies = [("tasks", "0001_task")]

    operations = [migrations.RunPython(create, drop)]
