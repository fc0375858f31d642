"""The two names in a path: whose task, and which."""

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
# What no UTF-8 stands for; Python puts them for a shell's bytes that are none.
SURROGATES = r"\ud800-\udfff"
USER_ID_PATTERN = re.compile(rf"[^/{CONTROL_CHARACTERS}{SURROGATES}]+")
HYPHENATED = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
UUID_PATTERN = re.compile(
    rf"{HYPHENATED}|[0-9a-f]{{32}}|\{{{HYPHENATED}\}}|(?-i:urn:uuid:){HYPHENATED}", re.IGNORECASE | re.ASCII
)


def uuid7() -> UUID:
    """A UUID version 7 whose 12 bits after the milliseconds hold their fraction (RFC 9562, 6.2, method 3).

    So the ids of two worker processes sort by creation to a quarter of a microsecond, where a counter of each
    process would leave those of one millisecond in any order.
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
    """When a UUID version 7 was made, to the microsecond: of two ids, the lower one's is never the later one."""
    milliseconds, fraction = identifier.int >> 80, identifier.int >> 64 & 0xFFF
    return EPOCH + timedelta(microseconds=milliseconds * 1000 + (fraction * 1000 >> 12))


def parse_uuid(value: str) -> UUID | None:
    """The UUID that the text is in one of the forms that Pydantic takes too; else None."""
    return UUID(value) if UUID_PATTERN.fullmatch(value) else None


def validate_user_id(value: str) -> None:
    """Raises ValidationError for what cannot stand in a path; length has validators of its own."""
    if value and not USER_ID_PATTERN.fullmatch(value):
        raise ValidationError("A user id may hold neither control characters nor a slash.", code="value_error")


def user_id_problems(value: str) -> list[Problem]:
    """Why the name in a path is no user id; empty where it is one."""
    loc: list[str | int] = ["path", "user_id"]
    if not value:
        return [problem(loc, "String should have at least 1 character", "string_too_short")]
    problems = []
    if len(value) > USER_ID_MAX_LENGTH:
        problems.append(problem(loc, f"String should have at most {USER_ID_MAX_LENGTH} characters", "string_too_long"))
    if not USER_ID_PATTERN.fullmatch(value):
        problems.append(problem(loc, "A user id is UTF-8 without control characters and slashes"))
    return problems
