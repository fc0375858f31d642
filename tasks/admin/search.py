"""The admin's list and its search, in a time that does not grow with the table."""

import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from tasks.identifiers import parse_uuid
from tasks.models import Task
from todo_project.api.user_ids import user_id_problems
from todo_project.database.errors import QUERY_CANCELED, sqlstate_of
from todo_project.database.postgresql.local_settings import set_locally

# Quoted words belong together.
WORD = re.compile(r'"([^"]+)"|(\S+)')
WORDS_LIMIT = 10
MATCHES_LIMIT = 1_000
# Enough on PostgreSQL: its planner takes the trigram index for rare words, and reads the newest tasks for common ones.
# If that takes longer, or if there is no such index, the search looks through the newest tasks only.
TIMEOUT_MS = 150
# A filter by state stops here too. Of ten million tasks only three may be completed, and an index that finds them would
# cost the API time at each toggle.
NEWEST = 20_000
# Words without three letters or digits in a row have no trigram. PostgreSQL would read the whole index for them, which
# takes seconds and ignores the time limit. Only bitmap scans use this index, so they are switched off for such words.
HAS_TRIGRAM = "SELECT %s ~ '[[:alnum:]]{3}'"


@dataclass(frozen=True)
class Listing:
    """The tasks of a list. `scope` is the list without the filter by state: an index has it in the order of ids.

    A partial list has a note that says what it leaves out.
    """

    tasks: "QuerySet[Task]"
    scope: "QuerySet[Task]"
    has_state: bool = False
    is_partial: bool = False
    notes: tuple[str, ...] = ()

    def filtered(self, **lookups: Any) -> "Listing":
        return replace(self, tasks=self.tasks.filter(**lookups), scope=self.scope.filter(**lookups))

    def with_note(self, note: str, *, is_partial: bool = True) -> "Listing":
        return replace(self, notes=(*self.notes, note), is_partial=is_partial or self.is_partial)

    def newest(self) -> "Listing":
        last = self.scope.order_by("-id").values_list("id", flat=True)[NEWEST - 1 : NEWEST + 1]
        if len(last) < 2:
            return self
        within = replace(self, tasks=self.tasks.filter(id__gte=last[0]))
        return within.with_note(f"Only the newest {NEWEST:,} tasks were looked through.")

    def bounded(self) -> "Listing":
        return self.newest() if self.has_state else self


def search(listing: Listing, text: str) -> Listing:
    """Looks for the id of a task, then for an exact user id, then for words of titles."""
    task_id = parse_uuid(text.strip())
    if task_id and listing.scope.filter(id=task_id).exists():
        return listing.filtered(id=task_id)
    for user_id in dict.fromkeys((text, text.strip())):
        if not user_id_problems(user_id) and listing.scope.filter(user_id=user_id).exists():
            note = f"These are the tasks of the user “{user_id}”. To find words of titles, put them in quotes."
            return listing.filtered(user_id=user_id).with_note(note, is_partial=False).bounded()
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
    return found.with_note(f"There are more: these are the newest {MATCHES_LIMIT:,} matches. More words find fewer.")


def newest_ids(tasks: "QuerySet[Task]") -> "QuerySet[Task, UUID]":
    return tasks.order_by("-id").values_list("id", flat=True)[: MATCHES_LIMIT + 1]


def ids_in_time(ids: "QuerySet[Task, UUID]", text: str) -> list[UUID] | None:
    """The ids; None if they take longer than TIMEOUT_MS, and on SQLite, which has no time limit."""
    if connection.vendor != "postgresql":
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(HAS_TRIGRAM, [text])
            has_trigram = "on" if cursor.fetchone()[0] else "off"
            set_locally(cursor, statement_timeout=str(TIMEOUT_MS), enable_bitmapscan=has_trigram)
            found = list(ids)
            # End these settings with this block, even inside another transaction.
            transaction.set_rollback(True)
            return found
    except OperationalError as error:
        if sqlstate_of(error) != QUERY_CANCELED:
            raise
        return None
