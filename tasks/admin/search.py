"""What the admin lists and its search box finds, in a time that does not grow with the table."""

import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from tasks.identifiers import parse_uuid, user_id_problems
from tasks.models import Task
from todo_project.database.errors import QUERY_CANCELED, sqlstate_of

# Quoted words belong together.
WORD = re.compile(r'"([^"]+)"|(\S+)')
WORDS_LIMIT = 10
MATCHES_LIMIT = 1_000
# Enough on PostgreSQL, whose planner goes through the trigram index for rare words, and through the newest tasks for
# common ones. Where that does not end in time, or there is no such index, only the newest tasks are looked through.
TIMEOUT_MS = 150
# Also for a filter by state: of ten million tasks three may be completed, and an index that says which would cost the
# API at each toggle.
NEWEST = 20_000
# Words without three letters or digits in a row have no trigram: for them the index is read whole, which takes seconds
# and heeds no time limit. Bitmap scans are the only ones that go through it.
PREPARE = """
SELECT set_config('statement_timeout', %s, true),
       set_config('enable_bitmapscan', (%s ~ '[[:alnum:]]{3}')::text, true)
"""


@dataclass(frozen=True)
class Listing:
    """The tasks of a list; `scope` are those without the filter by state, which an index has in the order of ids.

    Where it is partial, a note says what it leaves out.
    """

    tasks: "QuerySet[Task]"
    scope: "QuerySet[Task]"
    has_state: bool = False
    is_partial: bool = False
    notes: tuple[str, ...] = ()

    def of(self, **lookups: Any) -> "Listing":
        return replace(self, tasks=self.tasks.filter(**lookups), scope=self.scope.filter(**lookups))

    def noting(self, note: str, *, is_partial: bool = True) -> "Listing":
        return replace(self, notes=(*self.notes, note), is_partial=is_partial or self.is_partial)

    def newest(self) -> "Listing":
        last = self.scope.order_by("-id").values_list("id", flat=True)[NEWEST - 1 : NEWEST + 1]
        if len(last) < 2:
            return self
        within = replace(self, tasks=self.tasks.filter(id__gte=last[0]))
        return within.noting(f"Only the newest {NEWEST:,} tasks were looked through.")

    def bounded(self) -> "Listing":
        return self.newest() if self.has_state else self


def search(listing: Listing, text: str) -> Listing:
    """By the id of a task, else by an exact user id, else by words of titles."""
    task_id = parse_uuid(text.strip())
    if task_id and listing.scope.filter(id=task_id).exists():
        return listing.of(id=task_id)
    for user_id in dict.fromkeys((text, text.strip())):
        if not user_id_problems(user_id) and listing.scope.filter(user_id=user_id).exists():
            note = f"These are the tasks of the user “{user_id}”. To find words of titles, put them in quotes."
            return listing.of(user_id=user_id).noting(note, is_partial=False).bounded()
    words = [quoted or word for quoted, word in WORD.findall(text)]
    return by_words(listing, words[:WORDS_LIMIT]) if words else listing.bounded()


def by_words(listing: Listing, words: list[str]) -> Listing:
    wanted = Q(*(Q(title__icontains=word) for word in words))
    ids = ids_in_time(newest_ids(listing.tasks.filter(wanted)), " ".join(words))
    if ids is None:
        listing = listing.newest()
        ids = list(newest_ids(listing.tasks.filter(wanted)))
    found = replace(listing, tasks=listing.tasks.filter(id__in=ids[:MATCHES_LIMIT]))
    if len(ids) <= MATCHES_LIMIT:
        return found
    return found.noting(f"There are more: these are the newest {MATCHES_LIMIT:,} matches. More words find fewer.")


def newest_ids(tasks: "QuerySet[Task]") -> "QuerySet[Task, UUID]":
    return tasks.order_by("-id").values_list("id", flat=True)[: MATCHES_LIMIT + 1]


def ids_in_time(ids: "QuerySet[Task, UUID]", text: str) -> list[UUID] | None:
    """None where they take too long, or where the database cannot be told how long they may take."""
    if connection.vendor != "postgresql":
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PREPARE, [str(TIMEOUT_MS), text])
            found = list(ids)
            # What was set for this statement must not outlive it where a transaction is around it.
            transaction.set_rollback(True)
            return found
    except OperationalError as error:
        if sqlstate_of(error) != QUERY_CANCELED:
            raise
        return None
