"""Work that is one transaction, and is done again where PostgreSQL has undone it for a conflict with another."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

from todo_project.database.errors import UNDONE, sqlstate_of

Outcome = TypeVar("Outcome")
ATTEMPTS = 5


def execute_whole(work: Callable[[], Outcome]) -> Outcome:
    """The work changes nothing but the database, because it may be done several times."""
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if sqlstate_of(error) not in UNDONE:
                raise
    with transaction.atomic():
        return work()
