"""Statements that PostgreSQL parses and plans once for each connection, sent past psycopg's cursors.

Without them a get costs PostgreSQL twice the CPU, and this process a tenth more (docs/benchmarks.md): a cursor builds
its query with each execution, and the server its plan.
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
from psycopg.rows import TupleRow

from todo_project.database.permits import computing
from todo_project.database.postgresql.waits import TooManyWaitError, long_waits

# A plan for a small table may read all of it. The server makes a new plan when its statistics change, which may be long
# after the table has grown.
PLAN_SECONDS = 60.0
# PostgreSQL sends so many tasks of average length in three or four pieces.
BATCH_ROWS = 128
# A database beside the service answers most statements sooner. Handing over to another thread would cost more.
SOON_MS = 1
# A server that lives ends a statement sooner. psycopg takes no shorter time for the request to cancel it.
CANCEL_SECONDS = 0.5
# libpq 17 and newer.
HAS_BATCHES = pq.version() >= 170000
SUCCESSES = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.TUPLES_CHUNK)

Types = tuple[int, ...]
Render = Callable[[list[TupleRow]], Any]


class PreparedStatements:
    """The prepared statements of one connection.

    Behind a pooler that loses them, statements are sent unnamed: PostgreSQL parses and plans them each time.
    """

    are_kept = True

    def __init__(self, connection: "psycopg.Connection[Any]", patience: Callable[[], float | None]) -> None:
        self.connection = connection
        self.patience = patience
        # It reads a time or a UUID from PostgreSQL's binary format in C in 0.3 µs. From text it takes 3 µs.
        self.transformer = Transformer(connection)
        self.names: dict[tuple[str, Types], bytes] = {}
        # Whether the last statement itself was sent. Until then it can have had no effect.
        self.was_sent = False
        self.planned = time.monotonic()
        self.answers = select.poll()
        self.answers.register(connection.pgconn.socket, select.POLLIN)

    def execute(
        self, sql: str, parameters: Sequence[Any] = (), render: Render | None = None, *, is_kept: bool = True
    ) -> list[Any]:
        """Sends one statement, written as for a cursor, and gives its rows. Raises psycopg.Error.

        With `render` it gives the results of that function instead, called with some rows at a time as they arrive.
        A statement that is not kept is planned each time, and takes no memory of the server.
        """
        pgconn = self.connection.pgconn
        self.was_sent = False
        if not self.connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            # psycopg begins its transaction with the first statement that it sees.
            self.connection.execute("")
        values = self.transformer.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        types, formats = self.transformer.types or (), self.transformer.formats
        if is_kept and PreparedStatements.are_kept:
            try:
                return self.rows(render, pgconn.send_query_prepared, self.name_of(sql, types), values, formats)
            except (InvalidSqlStatementName, DuplicatePreparedStatement, FeatureNotSupported) as error:
                self.was_sent = False
                self.forget(sql, types, error)
        return self.rows(render, pgconn.send_query_params, numbered(sql), values, types, formats)

    def name_of(self, sql: str, types: Types) -> bytes:
        """The name under which the server knows the statement, which is prepared first if need be."""
        now = time.monotonic()
        if now > self.planned + PLAN_SECONDS:
            self.connection.execute("DISCARD PLANS")
            self.planned = now
        if (name := self.names.get((sql, types))) is None:
            # Made of the content, so that a name means the same on every connection that a pooler hands out.
            name = hashlib.sha256(repr((sql, types)).encode()).hexdigest()[:32].encode()
            self.connection.pgconn.send_prepare(name, numbered(sql), types)
            self.result()
            self.names[sql, types] = name
        return name

    def forget(self, sql: str, types: Types, error: psycopg.Error) -> None:
        """Drops a name that the server does not know or cannot use. Raises the error if it ended a transaction."""
        if self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            raise error
        name = self.names.pop((sql, types), None)
        # FeatureNotSupported: a migration changed the type of a column. Any other error: a pooler lost the statement.
        if not (name and isinstance(error, FeatureNotSupported) and self.deallocate(name)):
            PreparedStatements.are_kept = False

    def deallocate(self, name: bytes) -> bool:
        """Gives whether the server knew the name: a pooler may have renamed it, as PgBouncer does from 1.21 on."""
        try:
            self.connection.execute(b'DEALLOCATE "%s"' % name)
        except InvalidSqlStatementName:
            return False
        return True

    def rows(self, render: Render | None, send: Callable[..., None], *message: Any) -> list[Any]:
        self.was_sent = True
        send(*message, result_format=Format.BINARY)
        try:
            return self.loaded(self.result()) if render is None else self.batches(render)
        finally:
            # Otherwise up to 2,000 tasks would stay in memory until the next statement.
            self.transformer.set_pgresult(None)

    def loaded(self, result: Any) -> list[TupleRow]:
        self.transformer.set_pgresult(result)
        return self.transformer.load_rows(0, result.ntuples, tuple)

    def result(self) -> Any:
        self.give_way()
        results = self.connection.wait(generators.execute(self.connection.pgconn))
        for result in results:
            # Rows that an error follows were not committed.
            if result.status not in SUCCESSES:
                raise psycopg.errors.error_from_result(result)
        return results[-1]

    def give_way(self) -> None:
        """Lets another thread compute if the answer takes long, as over a network or while a disk writes."""
        if not self.answers.poll(SOON_MS):
            computing.give_back()
            if not long_waits.wait(self.answers, self.patience()):
                self.cancel()

    def cancel(self) -> None:
        """Ends the statement: the server answers with QueryCanceled. Raises TooManyWaitError where it does not."""
        try:
            self.connection.cancel_safe(timeout=CANCEL_SECONDS)
        except psycopg.Error:
            # The whole server is away. No other request would be served in place of this one, so it waits on.
            return
        if not self.answers.poll(CANCEL_SECONDS * 1000):
            raise TooManyWaitError("Too many requests wait for the database already")

    def batches(self, render: Render) -> list[Any]:
        pgconn = self.connection.pgconn
        if HAS_BATCHES:
            pgconn.set_chunked_rows_mode(BATCH_ROWS)
        self.connection.wait(generators.send(pgconn))
        self.give_way()
        result = self.next_result()
        rendered: list[Any] = []
        error: Exception | None = None
        # Read to the end, whatever happens: a statement under way would block the next one.
        while result is not None:
            try:
                if result.status not in SUCCESSES:
                    raise psycopg.errors.error_from_result(result)
                if result.ntuples and not error:
                    rendered.append(render(self.loaded(result)))
            except Exception as caught:
                error = caught
            result = self.next_result()
        if error:
            raise error
        return rendered

    def next_result(self) -> Any:
        return self.connection.wait(generators.fetch(self.connection.pgconn))


@cache
def numbered(sql: str) -> bytes:
    """The SQL with $1, $2 … in place of each %s."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql).encode()
