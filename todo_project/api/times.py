"""Times as the API writes them."""

import re
from datetime import UTC, datetime, timedelta

MICROSECOND, LAST_MOMENT = timedelta(microseconds=1), datetime.max.replace(tzinfo=UTC)
RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-5][0-9])",
    re.ASCII | re.IGNORECASE,
)


def parse_moment(value: str) -> datetime | None:
    """The moment in UTC that an RFC 3339 time names, cut to the microsecond; None for other text."""
    if not RFC3339.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
