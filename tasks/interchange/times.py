"""Times as other programs write them into files. The API itself takes RFC 3339 alone."""

import re
from datetime import UTC, datetime, timedelta

from tasks.identifiers import EPOCH
from todo_project.api.times import parse_moment

# A date, or a time with a blank or T, with or without seconds, their fraction and the offset.
WRITTEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>(?:[01][0-9]|2[0-3]):[0-9]{2})(?P<second>:[0-9]{2})?(?:[.,](?P<fraction>[0-9]+))?"
    r" ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-5][0-9](?::[0-5][0-9])?)?)?(?: UTC)?)?",
    re.ASCII | re.IGNORECASE,
)

# By the number of digits: seconds, milliseconds, microseconds and nanoseconds.
PARTS_OF_SECOND = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}


def parse_time(value: str | int) -> datetime | None:
    """The moment in UTC, cut to the microsecond; None for what is not a time.

    A time without an offset is UTC: pandas, SQLite and MySQL write times in UTC so. A date is its midnight, as pandas
    writes a column of midnights. A leap second is the second after it, as PostgreSQL reads it. A number counts from
    1970, as pandas writes JSON.
    """
    if not isinstance(value, str):
        return parse_number(str(value))
    return parse_moment(value) or parse_written(value.strip()) or parse_number(value.strip())


def parse_number(digits: str) -> datetime | None:
    """The unit is told by the length: each has its own from the year 2001 to 2286."""
    if not (digits.isascii() and digits.isdigit() and len(digits) in PARTS_OF_SECOND):
        return None
    return EPOCH + timedelta(microseconds=int(digits) * 1_000_000 // PARTS_OF_SECOND[len(digits)])


def parse_written(text: str) -> datetime | None:
    match = WRITTEN.fullmatch(text)
    if not match:
        return None
    second = match["second"] or ":00"
    is_leap = second == ":60"
    offset = match["offset"] or "Z"
    try:
        moment = datetime.fromisoformat(
            f"{match['date']}T{match['minute'] or '00:00'}{':59' if is_leap else second}"
            f".{match['fraction'] or '0'}{'Z' if offset.isalpha() else offset}"
        ).astimezone(UTC)
        return after_leap_second(moment) if is_leap else moment
    except (ValueError, OverflowError):
        return None


def after_leap_second(moment: datetime) -> datetime | None:
    """Leap seconds come at the end of a day in UTC alone."""
    return moment + timedelta(seconds=1) if (moment.hour, moment.minute) == (23, 59) else None
