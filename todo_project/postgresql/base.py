"""Django's PostgreSQL backend, for a database that restarts, fails over or is out of reach now and then.

A request waits for the database within one deadline, and a statement that is safe to repeat is repeated. That costs no
statement of its own: a connection that was dropped while it was idle is known by its socket.
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

from todo_project.postgresql import READ_ONLY_SQL_TRANSACTION, UNIQUE_VIOLATION, connection_failed, sqlstate_of
from todo_project.postgresql.outage import outage
from todo_project.postgresql.prepared import Each, PreparedStatements

PAUSES = (0.05, 0.1, 0.2)
LOST = ("08", "57P")
UNFINISHED = (TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN)
# What an answer may take where nobody waits: an orchestrator's probes give up after a second as a rule.
IMPATIENT_SECONDS = 0.8


class DatabaseWrapper(base.DatabaseWrapper):
    # Found out at the first connection: PgBouncer refuses options, and whoever runs it sets time-outs by the role.
    takes_options = True
    # When the statement under way must have its answer, by time.monotonic(); None outside execute_alone.
    deadline: float | None = None
    is_unreplicated = False

    def execute_alone(
        self, sql: str, parameters: Sequence[Any], *, repeatable: bool, each: Each | None = None, **_: Any
    ) -> list[Any]:
        """Sends one statement, in a transaction of its own, and gives its rows, or what `each` makes of some at a time.

        Raises OperationalError or InterfaceError where it took no effect, or where nobody knows whether it did.
        """
        self.deadline = time.monotonic() + settings.DATABASE_WAIT_SECONDS
        try:
            return self.execute_once(sql, parameters, each)
        except Error as error:
            if not self.may_repeat(error, repeatable):
                raise
            return self.execute_again(sql, parameters, each, repeatable)
        finally:
            self.deadline = None

    def execute_once(self, sql: str, parameters: Sequence[Any], each: Each | None) -> list[Any]:
        self.is_unreplicated = False
        self.ensure_connection()
        statements = SimpleNamespace(execute=partial(self.statements.execute, each=each)) if each else self.statements
        # In place of a cursor, so that Django's hooks see the statement.
        cursor = self._prepare_cursor(statements)  # type: ignore[attr-defined]  # why: not in the stubs
        rows: list[Any] = cursor.execute(sql, parameters)
        outage.is_over()
        if self.is_unreplicated:
            raise OperationalError("The write is committed here, but may be lost in a failover: no standby has it")
        return rows

    def execute_again(self, sql: str, parameters: Sequence[Any], each: Each | None, repeatable: bool) -> list[Any]:
        """Until the deadline: a pooler takes new connections while its server is away, and then loses them too."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                return self.execute_once(sql, parameters, each)
            except Error as error:
                # An INSERT that finds the id it carries took effect before; only the answer was lost.
                if sqlstate_of(error) == UNIQUE_VIOLATION:
                    break
                if not self.may_repeat(error, repeatable) or not outage.is_worth_waiting(error, self.deadline):
                    raise
            time.sleep(pause)
        return []

    def may_repeat(self, error: Error, repeatable: bool) -> bool:
        """Whether the statement may be sent again, on a new connection: one that is of no more use is closed here."""
        if self.connection is None or self.in_atomic_block:
            return False
        if sqlstate_of(error) == READ_ONLY_SQL_TRANSACTION:
            # The primary was demoted and took nothing. Of several hosts, a new connection finds the new one.
            self.close()
            return "," in str(self.settings_dict["HOST"])
        if sqlstate_of(error).startswith(LOST) or self.connection.pgconn.transaction_status in UNFINISHED:
            self.close()
            is_late = self.deadline is not None and time.monotonic() >= self.deadline
            if is_late:
                # All of the request's time was waited for in vain.
                outage.has_lasted(settings.DATABASE_WAIT_SECONDS)
            return (repeatable or not self.statements.was_sent) and not is_late
        return False

    def ensure_connection(self) -> None:
        if self.connection is not None and not self.in_atomic_block and has_news(self.connection):
            self.close()
        super().ensure_connection()

    def get_new_connection(self, conn_params: dict[str, Any]) -> "psycopg.Connection[Any]":
        """Waits for the database while that may help. Raises psycopg.OperationalError."""
        if outage.forbids_an_attempt():
            raise psycopg.OperationalError("The database was out of reach a moment ago")
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                connection = self.connect_once(conn_params)
            except psycopg.OperationalError as error:
                connection_failed.send(type(self))
                if not outage.is_worth_waiting(error, self.deadline):
                    raise
                time.sleep(pause)
            else:
                break
        if DatabaseWrapper.takes_options:
            # A pooler's connection says nothing of its server.
            outage.is_over()
        connection.add_notice_handler(self.notice)
        self.statements = PreparedStatements(connection)
        connection.wait = partial(self.wait, connection.wait)  # type: ignore[method-assign]  # why: its one hook for a deadline
        return connection

    def connect_once(self, conn_params: dict[str, Any]) -> "psycopg.Connection[Any]":
        timeouts = (
            f"-c statement_timeout={settings.STATEMENT_TIMEOUT_MS} -c lock_timeout={settings.LOCK_TIMEOUT_MS}"
            if DatabaseWrapper.takes_options
            else ""
        )
        if (patience := self.patience()) is not None:
            conn_params = conn_params | {
                "connect_timeout": min(max(int(patience), 1), int(conn_params["connect_timeout"]))
            }
        options = f"{timeouts} {conn_params.get('options', '')}".strip()
        try:
            return super().get_new_connection(conn_params | ({"options": options} if options else {}))  # type: ignore[no-any-return]  # why: untyped
        except psycopg.OperationalError as error:
            if not timeouts or "unsupported startup parameter" not in str(error):
                raise
            DatabaseWrapper.takes_options = False
            return self.connect_once(conn_params)

    def notice(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        # By the function that says it: the text may be in any language.
        self.is_unreplicated |= diagnostic.source_function == "SyncRepWaitForLSN"

    def patience(self) -> float | None:
        """For how many seconds the server may say nothing, where it closes no connection, as one that is frozen."""
        if outage.is_not_waited_for() or outage.is_long():
            return IMPATIENT_SECONDS
        if self.deadline is not None:
            return max(0.0, self.deadline - time.monotonic())
        # The admin's statements are cut by the server, if it lives; those of manage.py take as long as they take.
        limit = settings.STATEMENT_TIMEOUT_MS / 1000
        return max(limit, settings.DATABASE_WAIT_SECONDS) if limit else None

    def wait(self, wait: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """psycopg's own wait for the server, with an end."""
        return wait(*args, **kwargs | {"timeout": self.patience()})


def has_news(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server said something unasked. To an idle connection that is its end, or a new server setting."""
    # A cursor's statement that was waited for in vain is under way still.
    if connection.closed or connection.pgconn.transaction_status in UNFINISHED:
        return True
    descriptor = connection.pgconn.socket
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
