"""The ids of tasks that come from other programs. The same task of the same user gets the same id each time.

An id is a UUID version 8. Its head is the creation time, so that a list has the tasks in the order in which they were
made. Its tail is a hash. Where the program names no creation time, the head is the place in the file: those tasks stand
before all others, in the order of the file. Such a place changes when somebody adds a task to the file, so an id
that the user already has with the same tail is taken again.
"""

import json
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from tasks.identifiers import EPOCH, uuid8_at
from tasks.models import Task

TAIL_BITS = 62
# Places are microseconds from 1970 on.
MOST_PLACES = 500_000
END_OF_PLACES = uuid8_at(EPOCH + timedelta(microseconds=MOST_PLACES + 1), 0)


def tail_of(user_id: str, source: str, key: tuple[str, ...]) -> int:
    """Of the user too: two users may share a calendar, and each gets tasks of their own."""
    name = json.dumps([user_id, source, *key]).encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest()) >> 2


def foreign_id(tail: int, created_at: datetime | None, place: int, known: dict[int, UUID]) -> UUID:
    """Adds an id whose head is a place to those that are known."""
    if created_at is not None:
        return uuid8_at(max(created_at, EPOCH), tail)
    return known.setdefault(tail, uuid8_at(EPOCH + timedelta(microseconds=place), tail))


def known_ids(user_id: str) -> dict[int, UUID]:
    """The ids of the user's tasks whose heads are places, by their tails."""
    ids = Task.objects.for_user(user_id).filter(id__lt=END_OF_PLACES).values_list("id", flat=True)
    return {task_id.int & (1 << TAIL_BITS) - 1: task_id for task_id in ids if task_id.version == 8}
