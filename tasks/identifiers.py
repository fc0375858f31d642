"""The two identifiers in a path, of the user and of the task: how they are made, read and checked."""

import os
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError

from todo_project.api.problems import Problem, problem

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USER_ID_MAX_LENGTH = 255
CONTROL_CHARACTERS = r"\x00-\x1f\x7f-\x9f"
# UTF-8 encodes none of these. Python puts them in place of an argument's bytes that are not UTF-8.
SURROGATES = r"\ud800-\udfff"
USER_ID_PATTERN = re.compile(rf"[^/{CONTROL_CHARACTERS}{SURROGATES}]+")
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


def uuid7_of(nanoseconds: int, random: int) -> UUID:
    """The UUID of a number of nanoseconds since 1970 and 62 random bits."""
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


def moment_of(identifier: UUID) -> datetime:
    """When a UUID version 7 was made, to the microsecond. Of two ids, the lower one never has the later moment."""
    milliseconds, fraction = identifier.int >> 80, identifier.int >> 64 & 0xFFF
    return EPOCH + timedelta(microseconds=milliseconds * 1000 + (fraction * 1000 >> 12))


def parse_uuid(value: str) -> UUID | None:
    """The UUID in one of the forms that Pydantic takes too; None for other text."""
    return UUID(value) if UUID_PATTERN.fullmatch(value) else None


def validate_user_id(value: str) -> None:
    """Raises ValidationError for text that cannot stand in a path. Other validators check the length."""
    if value and not USER_ID_PATTERN.fullmatch(value):
        raise ValidationError("A user id may hold neither control characters nor a slash.", code="value_error")


def user_id_problems(value: str) -> list[Problem]:
    """Why the text in a path cannot be a user id; empty if it can."""
    loc: list[str | int] = ["path", "user_id"]
    if not value:
        return [problem(loc, "String should have at least 1 character", "string_too_short")]
    problems = []
    if len(value) > USER_ID_MAX_LENGTH:
        problems.append(problem(loc, f"String should have at most {USER_ID_MAX_LENGTH} characters", "string_too_long"))
    if not USER_ID_PATTERN.fullmatch(value):
        problems.append(problem(loc, "A user id is UTF-8 without control characters and slashes"))
    return problems
