"""Django's PostgreSQL backend, for a database that restarts, fails over or is out of reach now and then.

A request waits for the database within one deadline, and a statement that is safe to repeat is repeated. No statement
is sent to find out whether a connection still works: the socket of one that was dropped while idle is readable.
"""

import select
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, OperationalError
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from todo_project.database.errors import (
    READ_ONLY_SQL_TRANSACTION,
    UNDONE,
    UNIQUE_VIOLATION,
    connection_failed,
    sqlstate_of,
)
from todo_project.database.postgresql import session
from todo_project.database.postgresql.operations import DatabaseOperations
from todo_project.database.postgresql.outage import is_hopeless, outage
from todo_project.database.postgresql.prepared import PreparedStatements, Render
from todo_project.database.postgresql.waits import TooManyWaitError

PAUSES = (0.05, 0.1, 0.2)
LOST = ("08", "57P")
UNFINISHED = (TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN)
# How long an answer may take for a caller that does not wait. Most orchestrators' probes give up after a second.
IMPATIENT_SECONDS = 0.8


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    # Learned at the first connection: PgBouncer refuses options, and its operator sets time-outs by the role.
    takes_options = True
    # When the statement under way must have its answer, by time.monotonic(). None outside execute_alone.
    deadline: float | None = None
    is_unreplicated = False
    # Whether the last statement was sent again after its answer was lost: it may have been done the first time.
    was_sent_twice = False

    def execute_alone(
        self,
        sql: str,
        parameters: Sequence[Any],
        *,
        repeatable: bool,
        render: Render | None = None,
        is_kept: bool = True,
        **_: Any,
    ) -> list[Any]:
        """Sends one statement in a transaction of its own. Gives its rows, or the results of `render` for them.

        Raises OperationalError or InterfaceError where it took no effect, or where nobody can know whether it did.
        """
        self.deadline = time.monotonic() + settings.DATABASE_WAIT_SECONDS
        self.was_sent_twice = False
        how: dict[str, Any] = ({"render": render} if render else {}) | ({} if is_kept else {"is_kept": False})
        try:
            return self.execute_once(sql, parameters, how)
        except Error as error:
            if not self.recover(error, repeatable):
                raise
            return self.execute_again(sql, parameters, how, repeatable)
        finally:
            self.deadline = None

    def execute_once(self, sql: str, parameters: Sequence[Any], how: dict[str, Any]) -> list[Any]:
        self.is_unreplicated = False
        self.ensure_connection()
        sender: Any = self.prepared
        if how:
            sender = SimpleNamespace(execute=partial(self.prepared.execute, **how))
        # It stands in for a cursor, so that Django's hooks see the statement.
        cursor = self._prepare_cursor(sender)  # type: ignore[attr-defined]  # why: not in the stubs
        rows: list[Any] = cursor.execute(sql, parameters)
        outage.end()
        if self.is_unreplicated:
            raise OperationalError("The write is committed here, but may be lost in a failover: no standby has it")
        return rows

    def execute_again(self, sql: str, parameters: Sequence[Any], how: dict[str, Any], repeatable: bool) -> list[Any]:
        """Repeats until the deadline: a pooler takes new connections while its server is away, and then loses them."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                return self.execute_once(sql, parameters, how)
            except Error as error:
                # An INSERT that finds its own id took effect the first time. Only the answer was lost.
                if sqlstate_of(error) == UNIQUE_VIOLATION:
                    break
                if not self.recover(error, repeatable):
                    raise
                self.pause_after(error, pause)
        return []

    def recover(self, error: Error, repeatable: bool) -> bool:
        """Closes the connection if it is of no more use. Gives whether the statement may be sent on a new one."""
        if self.connection is None or self.in_atomic_block:
            return False
        if sqlstate_of(error) in UNDONE:
            # The connection is well.
            return True
        if sqlstate_of(error) == READ_ONLY_SQL_TRANSACTION:
            # The primary was demoted and wrote nothing. With several hosts a new connection finds the new primary.
            self.close()
            return "," in str(self.settings_dict["HOST"])
        status, is_lost = self.connection.pgconn.transaction_status, sqlstate_of(error).startswith(LOST)
        if is_lost and status == TransactionStatus.IDLE:
            # What was lost is a server behind ours, such as a worker of Citus. It may be back: once more, if at all.
            is_repeated, self.was_sent_twice = self.was_sent_twice, True
            return repeatable and not is_repeated
        if not (is_lost or status in UNFINISHED):
            return False
        self.close()
        if isinstance(error.__cause__, TooManyWaitError):
            return False
        if self.deadline is not None and time.monotonic() >= self.deadline:
            # The whole time of the request has passed without an answer.
            outage.record_silence(settings.DATABASE_WAIT_SECONDS)
            return False
        self.was_sent_twice |= self.prepared.was_sent
        return repeatable or not self.prepared.was_sent

    def pause_after(self, error: Exception, seconds: float) -> None:
        """Sleeps before the next attempt. Raises the error where waiting cannot help, or no time is left."""
        if sqlstate_of(error) in UNDONE:
            # No outage: the database answers.
            if self.deadline is not None and time.monotonic() + seconds > self.deadline:
                raise error
        elif is_hopeless(error) or not outage.has_time_for(error, outage.record_failure(), self.deadline):
            raise error
        time.sleep(seconds)

    def ensure_connection(self) -> None:
        if self.connection is not None and not self.in_atomic_block and has_news(self.connection):
            self.close()
        super().ensure_connection()

    def get_new_connection(self, conn_params: dict[str, Any]) -> "psycopg.Connection[Any]":
        """Waits for the database while that may help. Raises psycopg.OperationalError."""
        if not outage.reserve_attempt():
            raise psycopg.OperationalError("The database was out of reach a moment ago")
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                connection = self.connect_once(conn_params)
            except psycopg.OperationalError as error:
                connection_failed.send(type(self))
                self.pause_after(error, pause)
            else:
                break
        if DatabaseWrapper.takes_options:
            # Of a pooler this would not be known: it takes connections while its server is away.
            outage.end()
        connection.add_notice_handler(self.record_notice)
        self.prepared = PreparedStatements(connection, self.patience)
        connection.wait = partial(self.wait, connection.wait)  # type: ignore[method-assign]  # why: its one hook for a deadline
        return connection

    def connect_once(self, conn_params: dict[str, Any]) -> "psycopg.Connection[Any]":
        own_options = session.own_options() if DatabaseWrapper.takes_options else ""
        if (patience := self.patience()) is not None:
            conn_params = conn_params | {
                "connect_timeout": min(max(int(patience), 1), int(conn_params["connect_timeout"]))
            }
        options = f"{own_options} {conn_params.get('options', '')}".strip()
        try:
            connection = super().get_new_connection(conn_params | ({"options": options} if options else {}))
            session.adapt(connection, has_options=bool(own_options))
        except psycopg.OperationalError as error:
            if not own_options or "unsupported startup parameter" not in str(error):
                raise
            DatabaseWrapper.takes_options = False
            return self.connect_once(conn_params)
        return connection  # type: ignore[no-any-return]  # why: untyped

    def record_notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        # By the name of the server's function: the text may be in any language.
        self.is_unreplicated |= diagnostic.source_function == "SyncRepWaitForLSN"

    def patience(self) -> float | None:
        """How many seconds from now the server may be silent without closing the connection, as a frozen one is."""
        if not outage.may_wait() or outage.is_long():
            return IMPATIENT_SECONDS
        if self.deadline is not None:
            return max(0.0, self.deadline - time.monotonic())
        # A server that lives cuts the admin's statements itself. Those of manage.py have no limit.
        limit = settings.STATEMENT_TIMEOUT_MS / 1000
        return max(limit, settings.DATABASE_WAIT_SECONDS) if limit else None

    def wait(self, wait: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Waits for the server as psycopg does, but not for ever."""
        return wait(*args, **kwargs | {"timeout": self.patience()})


def has_news(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server sent something unasked: on an idle connection its end, or a new server setting."""
    # A cursor's statement that got no answer in time is still under way.
    if connection.closed or connection.pgconn.transaction_status in UNFINISHED:
        return True
    descriptor = connection.pgconn.socket
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
