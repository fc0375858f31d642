"""Gives tasks the idempotency key of the request that made them, and the digest of its body.

On PostgreSQL the API reads and writes on meanwhile, however large the table is. After an interruption `migrate` goes
on where it was.
"""

import logging
import time

from django.db import OperationalError, connection, migrations, models, transaction

logger = logging.getLogger(__name__)

# NOT VALID: PostgreSQL does not read the rows, which would take seconds under a lock that keeps everybody out.
ADD = """
ALTER TABLE tasks_task
    ADD COLUMN idempotency_key varchar(260),
    ADD COLUMN idempotency_digest varchar(32),
    ADD CONSTRAINT task_idempotency CHECK ((idempotency_key IS NULL) = (idempotency_digest IS NULL)) NOT VALID
"""
IS_ADDED = "SELECT 1 FROM pg_constraint WHERE conrelid = 'tasks_task'::regclass AND conname = 'task_idempotency'"
VALIDATE = "ALTER TABLE tasks_task VALIDATE CONSTRAINT task_idempotency"
CREATE_INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY task_user_id_idempotency_key ON tasks_task (user_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL
"""
IS_INDEXED = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('task_user_id_idempotency_key') AND indisvalid"
DROP_INDEX = "DROP INDEX CONCURRENTLY IF EXISTS task_user_id_idempotency_key"
# The check and the index go with their columns.
REMOVE = """
ALTER TABLE tasks_task
    DROP COLUMN IF EXISTS idempotency_key,
    DROP COLUMN IF EXISTS idempotency_digest
"""

# Ends an autovacuum, which would outlast the short attempts below, and keeps others from starting. Writes go on.
CLEAR = "LOCK TABLE tasks_task IN SHARE UPDATE EXCLUSIVE MODE"
# While ALTER TABLE waits for a transaction to end, all other statements on the table wait behind it.
LIMIT = "SET LOCAL lock_timeout = '200ms'"
LOCK_NOT_AVAILABLE = "55P03"
PAUSE_SECONDS, ATTEMPTS = 2, 300


def alter(schema_editor, statement):
    """Tries for eleven minutes, between the transactions of others. Raises OperationalError."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return alter_once(schema_editor, statement)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE or attempt == ATTEMPTS:
                raise
        if attempt == 1:
            logger.warning("A transaction has tasks_task in use. The migration tries again until it has ended.")
        time.sleep(PAUSE_SECONDS)


def alter_once(schema_editor, statement):
    with transaction.atomic(schema_editor.connection.alias):
        for each in (CLEAR, LIMIT, statement):
            schema_editor.execute(each)


def has(schema_editor, query):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(query)
        return bool(cursor.fetchone())


class WhileOthersWrite(migrations.SeparateDatabaseAndState):
    """The operations: on PostgreSQL by the statements above, elsewhere by Django's own."""

    reduces_to_sql = False

    def __init__(self, operations):
        super().__init__(operations, operations)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        if not has(schema_editor, IS_ADDED):
            alter(schema_editor, ADD)
        schema_editor.execute(VALIDATE)
        if not has(schema_editor, IS_INDEXED):
            # An attempt that was interrupted has left an index that is never used.
            schema_editor.execute(DROP_INDEX)
            schema_editor.execute(CREATE_INDEX)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_backwards(app_label, schema_editor, from_state, to_state)
        alter(schema_editor, REMOVE)


class Migration(migrations.Migration):
    # A transaction around it all would hold its locks to the end, and allows no CONCURRENTLY. SQLite needs it: there
    # the steps cannot be told apart after an interruption.
    atomic = connection.vendor != "postgresql"

    dependencies = [("tasks", "0002_task_title_trigram")]

    operations = [
        WhileOthersWrite(
            [
                migrations.AddField(
                    "task", "idempotency_key", models.CharField(blank=True, editable=False, max_length=260, null=True)
                ),
                migrations.AddField(
                    "task", "idempotency_digest", models.CharField(blank=True, editable=False, max_length=32, null=True)
                ),
                migrations.AddConstraint(
                    "task",
                    models.CheckConstraint(
                        condition=models.Q(idempotency_key__isnull=True, idempotency_digest__isnull=True)
                        | models.Q(idempotency_key__isnull=False, idempotency_digest__isnull=False),
                        name="task_idempotency",
                    ),
                ),
                migrations.AddConstraint(
                    "task",
                    models.UniqueConstraint(
                        condition=models.Q(idempotency_key__isnull=False),
                        fields=("user_id", "idempotency_key"),
                        name="task_user_id_idempotency_key",
                    ),
                ),
            ]
        )
    ]
