"""Statements that need a table for themselves, sent between the transactions of others."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from todo_project.database.errors import LOCK_NOT_AVAILABLE, sqlstate_of

# While a statement waits for its lock, all later statements on the table wait behind it.
LIMIT = "SET LOCAL lock_timeout = '200ms'"
NO_LIMIT = "SET LOCAL lock_timeout = 0"
PAUSE_SECONDS, ATTEMPTS = 2, 300


def execute_between_transactions(*statements: str, on_wait: Callable[[], None]) -> None:
    """Executes them in one transaction. Waits 200 ms for a lock, and tries again for eleven minutes.

    Calls `on_wait` after the first attempt in vain. Raises OperationalError.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return execute_once(statements)
        except OperationalError as error:
            if sqlstate_of(error) != LOCK_NOT_AVAILABLE or attempt == ATTEMPTS:
                raise
        if attempt == 1:
            on_wait()
        time.sleep(PAUSE_SECONDS)
    return None


def execute_once(statements: tuple[str, ...]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (LIMIT, *statements):
            cursor.execute(statement)


@contextmanager
def session_lock(name: str) -> Iterator[bool]:
    """Gives whether no other session has the lock of that name. It ends with the session at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        (is_alone,) = cursor.fetchone()
    try:
        yield is_alone
    finally:
        # Without a connection there is no lock to give back.
        if is_alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
