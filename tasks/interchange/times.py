"""Times as other programs write them into files. The API itself takes RFC 3339 alone."""

import re
from datetime import UTC, datetime, timedelta

from todo_project.api.times import parse_moment

# A date, or a time with a blank or T, with or without seconds, their fraction and the offset.
WRITTEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>(?:[01][0-9]|2[0-3]):[0-9]{2})(?P<second>:[0-9]{2})?(?:[.,](?P<fraction>[0-9]+))?"
    r" ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-5][0-9](?::[0-5][0-9])?)?)?(?: UTC)?)?",
    re.ASCII | re.IGNORECASE,
)


def parse_time(text: str) -> datetime | None:
    """The moment in UTC, cut to the microsecond; None for other text.

    A time without an offset is UTC: pandas, SQLite and MySQL write times in UTC so. A date is its midnight,
    as pandas writes a column of midnights. A leap second is the second after it, as PostgreSQL reads it.
    """
    return parse_moment(text) or parse_written(text.strip())


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
