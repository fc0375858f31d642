"""Statements that PostgreSQL parses and plans once for each connection, sent past psycopg's cursors.

A get so costs PostgreSQL half its CPU, and this process a tenth less than before (docs/benchmarks.md): a cursor builds
its query anew with each execution, and the server its plan.
"""

import hashlib
import re
import select
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import DuplicatePreparedStatement, FeatureNotSupported, InvalidSqlStatementName
from psycopg.pq import ExecStatus, Format, TransactionStatus

from todo_project.permits import computing

# A plan made for a small table may read all of it; the server itself makes a new one when its statistics say so, which
# may be long after a table has grown.
PLAN_SECONDS = 60.0
# Of tasks of average length, what PostgreSQL sends in three or four pieces: enough to be worth a turn.
BATCH_ROWS = 128
# What a database beside the service needs for most statements: to hand over to another thread costs more than that.
SOON_MS = 1
# libpq 17 and newer.
HAS_BATCHES = pq.version() >= 170000
SUCCESSES = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.TUPLES_CHUNK)

Types = tuple[int, ...]
Row = tuple[Any, ...]
Each = Callable[[list[Row]], Any]


class PreparedStatements:
    """Those of one connection. Behind a pooler that loses them statements go unnamed, parsed and planned each time."""

    are_kept = True

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        # Reads times and UUIDs from PostgreSQL's binary format in C: in 0.3 µs each, from text in 3.
        self.transformer = Transformer(connection)
        self.names: dict[tuple[str, Types], bytes] = {}
        # The last statement itself: until then it took no effect, whatever happens.
        self.was_sent = False
        self.planned = time.monotonic()
        self.answers = select.poll()
        self.answers.register(connection.pgconn.socket, select.POLLIN)

    def execute(self, sql: str, parameters: Sequence[Any] = (), each: Each | None = None) -> list[Any]:
        """Sends one statement, written as for a cursor, and gives its rows. Raises psycopg.Error.

        With `each` it gives what that makes of the rows, called with some at a time while the rest is on its way.
        """
        pgconn = self.connection.pgconn
        self.was_sent = False
        if not self.connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            # psycopg begins its transaction with the first statement that it sees.
            self.connection.execute("")
        values = self.transformer.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        types, formats = self.transformer.types or (), self.transformer.formats
        if PreparedStatements.are_kept:
            try:
                return self.rows(each, pgconn.send_query_prepared, self.name_of(sql, types), values, formats)
            except (InvalidSqlStatementName, DuplicatePreparedStatement, FeatureNotSupported) as error:
                self.was_sent = False
                self.forget(sql, types, error)
        return self.rows(each, pgconn.send_query_params, numbered(sql), values, types, formats)

    def name_of(self, sql: str, types: Types) -> bytes:
        """Of the statement, prepared."""
        now = time.monotonic()
        if now > self.planned + PLAN_SECONDS:
            self.connection.execute("DISCARD PLANS")
            self.planned = now
        if (name := self.names.get((sql, types))) is None:
            # Of its content: whatever connection a pooler hands on, a name never means another statement.
            name = hashlib.sha256(repr((sql, types)).encode()).hexdigest()[:32].encode()
            self.connection.pgconn.send_prepare(name, numbered(sql), types)
            self.result()
            self.names[sql, types] = name
        return name

    def forget(self, sql: str, types: Types, error: psycopg.Error) -> None:
        """Raises the error where the statement cannot be sent again, since it ended a transaction."""
        if self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            raise error
        name = self.names.pop((sql, types), None)
        # A migration gave a column another type: "cached plan must not change result type". Else a pooler lost it.
        if not (name and isinstance(error, FeatureNotSupported) and self.deallocate(name)):
            PreparedStatements.are_kept = False

    def deallocate(self, name: bytes) -> bool:
        """Whether the server knew it; a pooler may have renamed it, as PgBouncer does from 1.21 on."""
        try:
            self.connection.execute(b'DEALLOCATE "%s"' % name)
        except InvalidSqlStatementName:
            return False
        return True

    def rows(self, each: Each | None, send: Callable[..., None], *message: Any) -> list[Any]:
        self.was_sent = True
        send(*message, result_format=Format.BINARY)
        try:
            return self.loaded(self.result()) if each is None else self.batches(each)
        finally:
            # Up to 2,000 tasks need not be kept until the next statement.
            self.transformer.set_pgresult(None)

    def loaded(self, result: Any) -> list[Row]:
        self.transformer.set_pgresult(result)
        return self.transformer.load_rows(0, result.ntuples, tuple)

    def result(self) -> Any:
        self.give_way()
        results = self.connection.wait(generators.execute(self.connection.pgconn))
        for result in results:
            # Rows with an error behind them were not committed.
            if result.status not in SUCCESSES:
                raise psycopg.errors.error_from_result(result)
        return results[-1]

    def give_way(self) -> None:
        """Lets another thread compute if the answer takes its time, as over a network or while a disk writes."""
        if not self.answers.poll(SOON_MS):
            computing.give_back()

    def batches(self, each: Each) -> list[Any]:
        pgconn = self.connection.pgconn
        if HAS_BATCHES:
            pgconn.set_chunked_rows_mode(BATCH_ROWS)
        self.connection.wait(generators.send(pgconn))
        self.give_way()
        result = self.next_result()
        made: list[Any] = []
        error: Exception | None = None
        # To the end, whatever happens: a statement under way would be in the next one's way.
        while result is not None:
            try:
                if result.status not in SUCCESSES:
                    raise psycopg.errors.error_from_result(result)
                if result.ntuples and not error:
                    made.append(each(self.loaded(result)))
            except Exception as caught:
                error = caught
            result = self.next_result()
        if error:
            raise error
        return made

    def next_result(self) -> Any:
        return self.connection.wait(generators.fetch(self.connection.pgconn))


@cache
def numbered(sql: str) -> bytes:
    """With $1, $2 … in place of each %s."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql).encode()
