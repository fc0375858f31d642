"""What stands in the way of spreading the tasks, or of bringing them back. Nothing here changes anything."""

from collections.abc import Iterator
from typing import Any, cast

from django.db import connection
from psycopg import Connection

from tasks.distribution.schema import TABLE, ask
from tasks.distribution.steps import COLUMN
from todo_project.database.migrations import missing_migrations
from todo_project.database.postgresql import citus

FUNCTIONS = {
    "create_distributed_table",
    "create_distributed_table_concurrently",
    "truncate_local_data_after_distributing_table",
    "undistribute_table",
}


def obstacle(shards: int | None, *, is_online: bool, is_undo: bool) -> str | None:
    """The first of them, as a sentence."""
    return next(obstacles(shards, is_online=is_online, is_undo=is_undo), None)


def obstacles(shards: int | None, *, is_online: bool, is_undo: bool) -> Iterator[str]:
    """In an order in which each may rely on those before it."""
    yield from cluster()
    yield from installation()
    yield from (doubles() if is_undo else nodes())
    if not is_undo:
        yield from present_distribution(shards)
    if is_online:
        yield from logical_replication()


def cluster() -> Iterator[str]:
    if connection.vendor != "postgresql":
        yield "The database is SQLite: only PostgreSQL with Citus can spread tasks over several servers."
        return
    role = citus.citus_role()
    if role is None:
        yield "The database has no Citus: install it on each server, then run CREATE EXTENSION citus."
    if role == "worker":
        yield "The database is a worker of a Citus cluster: name the coordinator in DATABASE_URL."


def installation() -> Iterator[str]:
    for migration in missing_migrations():
        yield f"A migration is missing, {migration.app_label}.{migration.name} first: run migrate."
    pid = cast("Connection[Any]", connection.connection).info.backend_pid
    if pid != ask("SELECT pg_backend_pid()"):
        yield "A pooler stands before the database: name PostgreSQL itself in DATABASE_URL for this command."
    owner = ask("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass", TABLE)
    if not ask("SELECT pg_has_role(%s, 'USAGE')", owner):
        yield f"The table {TABLE} belongs to the role {owner}: run this as that role."
    may_not = "SELECT min(proname) FROM pg_proc WHERE proname = ANY(%s) AND NOT has_function_privilege(oid, 'EXECUTE')"
    if name := ask(may_not, list(FUNCTIONS)):
        yield f"The role may not execute {name}: let a superuser GRANT it."


def nodes() -> Iterator[str]:
    if not node_count():
        yield "The cluster has no node that may hold shards: run SELECT citus_add_node('HOST', PORT) here."


def node_count() -> int:
    sql = "SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'"
    return int(ask(sql))


def present_distribution(shards: int | None) -> Iterator[str]:
    column = citus.distribution_column(TABLE)
    if column not in (None, COLUMN):
        yield f"The tasks are spread by {column} already: only by {COLUMN} each request is one shard's."
    if column and shards and shards != (present := shard_count()):
        yield f"The tasks are in {present} shards already: alter_distributed_table changes their number."


def shard_count() -> int:
    """0 where the tasks are not spread. A table that Citus knows and does not spread is one shard."""
    if not citus.is_distributed(TABLE):
        return 0
    return int(ask("SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = %s::regclass", TABLE))


def default_shard_count() -> int:
    return int(ask("SHOW citus.shard_count"))


def size() -> int:
    """How many bytes the tasks and their indexes take, on all servers."""
    function = "citus_total_relation_size" if citus.is_known(TABLE) else "pg_total_relation_size"
    return int(ask(f"SELECT {function}(%s::regclass)", TABLE))


def logical_replication() -> Iterator[str]:
    if ask("SHOW wal_level") != "logical":
        yield "PostgreSQL's wal_level is not logical, which --online needs: set it on each server, and restart them."


def doubles() -> Iterator[str]:
    """Two users may have tasks of one id while only the pair of both is unique."""
    sql = f"SELECT count(*) FROM (SELECT id FROM {TABLE} GROUP BY id HAVING count(*) > 1) AS doubles"  # noqa: S608 -- of a constant
    if count := ask(sql):
        yield f"{count:,} ids are ids of several users' tasks, which one server does not allow: nothing was changed."
