"""Types of arguments that several commands take."""

import re
from argparse import ArgumentTypeError
from datetime import datetime, timedelta

from django.utils import timezone

from tasks.parameters import SEARCH
from todo_project.api.query import UnreadableError
from todo_project.api.times import parse_moment
from todo_project.management.arguments import utf8

MOST_SHARDS = 4_096
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", value, re.ASCII) or not int(value):
        raise ArgumentTypeError(f"must be a whole number from 1 on, not {value!r}")
    return int(value)


def batch_size(value: str) -> int:
    # Each id is a parameter of one statement, and SQLite takes 32,766 of them.
    if count(value) > 20_000:
        raise ArgumentTypeError("must be 20000 at the most")
    return int(value)


def shards(value: str) -> int:
    # Each is a table on some server, and a statement about all users goes to each.
    if count(value) > MOST_SHARDS:
        raise ArgumentTypeError(f"must be {MOST_SHARDS} at the most")
    return int(value)


def ago(value: str) -> datetime:
    """The moment that long ago."""
    match = re.fullmatch(r"([0-9]{1,5})([hdw])", value, re.ASCII)
    if not match:
        raise ArgumentTypeError(f"must be a number with h, d or w behind it, such as 12h, 90d or 4w, not {value!r}")
    return timezone.now() - timedelta(**{UNITS[match[2]]: int(match[1])})


def words(value: str) -> str:
    """What the API's `q` takes."""
    try:
        return SEARCH(utf8(value))
    except UnreadableError as error:
        raise ArgumentTypeError(str(error)) from None


def moment(value: str) -> datetime:
    """The moment of a date, which is its midnight in UTC, of an RFC 3339 time, or of a duration ago."""
    if value[-1:] in UNITS:
        return ago(value)
    found = parse_moment(value) or parse_moment(f"{value}T00:00:00Z")
    if found is None:
        raise ArgumentTypeError(f"must be a date, an RFC 3339 time or a duration such as 7d, not {value!r}")
    return found
