"""The ids of tasks: how they are made and read. What an id of a user may be is the rule of the whole API."""

import os
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError

from todo_project.api.user_ids import USER_ID_PATTERN

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HYPHENATED = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
UUID_PATTERN = re.compile(
    rf"{HYPHENATED}|[0-9a-f]{{32}}|\{{{HYPHENATED}\}}|(?-i:urn:uuid:){HYPHENATED}", re.IGNORECASE | re.ASCII
)


def uuid7() -> UUID:
    """A UUID version 7 whose 12 bits after the milliseconds hold their fraction (RFC 9562, 6.2, method 3).

    The ids of several worker processes therefore sort by creation, to a quarter of a microsecond. With a counter in
    each process, the ids of one millisecond would sort in any order.
    """
    return uuid7_of(time.time_ns(), int.from_bytes(os.urandom(8)) >> 2)


def uuid7_at(moment: datetime, random: int = 0) -> UUID:
    """A UUID as of `uuid7`, of a given moment and 62 given bits. Without the bits it is the first of that moment."""
    return uuid7_of((moment - EPOCH) // timedelta(microseconds=1) * 1000, random)


def uuid8_at(moment: datetime, rest: int) -> UUID:
    """As `uuid7_at`, of version 8: its 62 bits are not random, but made of what the task is known by elsewhere."""
    return UUID(int=uuid7_at(moment, rest).int + (1 << 76))


def uuid7_of(nanoseconds: int, random: int) -> UUID:
    """The UUID of a number of nanoseconds since 1970 and 62 random bits."""
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


def moment_of(identifier: UUID) -> datetime:
    """The moment in a UUID version 7, or in one of `uuid8_at`, to the microsecond.

    Of two ids, the lower one never has the later moment.
    """
    milliseconds, fraction = identifier.int >> 80, identifier.int >> 64 & 0xFFF
    return EPOCH + timedelta(microseconds=milliseconds * 1000 + (fraction * 1000 >> 12))


def parse_uuid(value: str) -> UUID | None:
    """The UUID in one of the forms that Pydantic takes too; None for other text."""
    return UUID(value) if UUID_PATTERN.fullmatch(value) else None


def validate_user_id(value: str) -> None:
    """Raises ValidationError for text that cannot stand in a path. Other validators check the length."""
    if value and not USER_ID_PATTERN.fullmatch(value):
        raise ValidationError("A user id may hold neither control characters nor a slash.", code="value_error")
