"""The steps there and back. Each is found done after an interruption, or done again."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tasks.bulk.amounts import amount
from tasks.distribution import schema
from tasks.distribution.schema import (
    CLEAR,
    INDEX_OF_MANY,
    INDEX_OF_ONE_SERVER,
    KEY_OF_MANY,
    KEY_OF_ONE_SERVER,
    TABLE,
    Index,
)
from todo_project.database.postgresql import citus
from todo_project.database.postgresql.locks import NO_LIMIT, execute_between_transactions

COLUMN = "user_id"
NO_WRITES = f"LOCK TABLE {TABLE} IN EXCLUSIVE MODE"
# What the other way needs. The keys are there where it was interrupted.
USELESS_TO_MANY = (INDEX_OF_ONE_SERVER, KEY_OF_ONE_SERVER)
USELESS_TO_ONE = (INDEX_OF_MANY, KEY_OF_MANY)
SHARED = "lock SHARE UPDATE EXCLUSIVE, reads and writes go on"
BRIEF = "lock ACCESS EXCLUSIVE for some milliseconds, tried again until no transaction is in the way"
# The service sends such a write again (tasks.querysets). Others have to do so themselves.
BUT_AT_THE_END = f"{SHARED}; at the end writes wait for a moment, and those of other programs may find no row"


class Step(NamedTuple):
    does: str
    # The lock on the table, and what clients notice of it.
    lock: str
    is_done: Callable[[], bool]
    # It gets a function to call when it has to wait for the transactions of others.
    run: Callable[[Callable[[], None]], None]


def steps_to_many(shards: int, *, is_online: bool) -> Iterator[Step]:
    """Spreads the tasks over the nodes of the cluster."""
    yield from key_steps(KEY_OF_MANY, INDEX_OF_MANY, useless=USELESS_TO_MANY)
    distribute = distribute_online if is_online else distribute_at_once
    yield Step(
        f"copies the tasks into {amount(shards, 'shard')}",
        BUT_AT_THE_END if is_online else blocked("EXCLUSIVE", "reads go on, writes"),
        lambda: citus.is_distributed(TABLE),
        lambda on_wait: distribute(shards, on_wait),
    )
    yield Step("empties the table on this server, whose rows are in the shards now", BRIEF, is_empty_here, empty_here)
    yield analysis()


def steps_to_one() -> Iterator[Step]:
    """Brings the tasks back to the coordinator, into the schema of the migrations."""
    yield Step(
        "copies the tasks of all shards back to this server",
        blocked("EXCLUSIVE and then ACCESS EXCLUSIVE", "writes, and most of the time reads,"),
        lambda: not citus.is_known(TABLE),
        undistribute,
    )
    yield from key_steps(KEY_OF_ONE_SERVER, INDEX_OF_ONE_SERVER, useless=USELESS_TO_ONE)
    yield analysis()


def key_steps(key: Index, index: Index, *, useless: tuple[Index, ...]) -> Iterator[Step]:
    """Of a table that one server has. The indexes in `useless` go last, so that each request finds one all the time."""
    columns = f"({', '.join(key.columns)})"
    yield Step(
        f"builds a unique index on {columns}",
        SHARED,
        lambda: schema.is_primary_key(key) or schema.is_usable(key),
        lambda _: schema.create(key),
    )
    yield Step(
        f"builds an index on ({', '.join(index.columns)})",
        SHARED,
        lambda: schema.is_usable(index),
        lambda _: schema.create(index),
    )
    yield Step(
        f"makes {columns} the primary key",
        BRIEF,
        lambda: schema.is_primary_key(key),
        lambda on_wait: schema.make_primary_key(key, on_wait),
    )
    yield Step(
        f"drops the index {useless[0].name}, which is of no more use",
        SHARED,
        lambda: not any(schema.is_there(index) for index in useless),
        lambda _: drop_all(useless),
    )


def analysis() -> Step:
    return Step("counts and samples the tasks anew for the planner", SHARED, lambda: False, analyze)


def blocked(lock: str, who: str) -> str:
    return f"lock {lock}, {who} wait, and are answered 503 after the service's LOCK_TIMEOUT_MS at the latest"


def distribute_at_once(shards: int, on_wait: Callable[[], None]) -> None:
    distribute = f"SELECT create_distributed_table('{TABLE}', '{COLUMN}', shard_count => {shards})"
    execute_between_transactions(CLEAR, NO_WRITES, NO_LIMIT, distribute, on_wait=on_wait)


def distribute_online(shards: int, on_wait: Callable[[], None]) -> None:
    # It works in several transactions, and cannot be part of one.
    schema.execute(f"SELECT create_distributed_table_concurrently('{TABLE}', '{COLUMN}', shard_count => {shards})")


def undistribute(on_wait: Callable[[], None]) -> None:
    execute_between_transactions(NO_WRITES, NO_LIMIT, f"SELECT undistribute_table('{TABLE}')", on_wait=on_wait)


def is_empty_here() -> bool:
    # The size of the table itself, without its shards: of a table that Citus emptied it is 0.
    return bool(schema.ask("SELECT pg_relation_size(%s::regclass)", TABLE) == 0)


def empty_here(on_wait: Callable[[], None]) -> None:
    execute_between_transactions(f"SELECT truncate_local_data_after_distributing_table('{TABLE}')", on_wait=on_wait)


def drop_all(indexes: tuple[Index, ...]) -> None:
    for index in indexes:
        schema.drop(index)


def analyze(_: Callable[[], None]) -> None:
    schema.execute(f"ANALYZE {TABLE}")
