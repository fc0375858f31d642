"""One VTODO of a calendar. The library `icalendar` reads its properties, each by itself: one bad one ends no task."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from icalendar import vDDDTypes
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.parser import Contentline, Parameters
from icalendar.parser.property import split_on_unescaped_comma, unescape_backslash

from tasks.identifiers import moment_of, parse_uuid
from tasks.interchange.foreign.documents import FIRST_YEAR
from tasks.interchange.foreign.found import ForeignTask
from tasks.interchange.foreign.words import SUBTASK

MOST_TITLES = 20_000
MOST_ATTACHMENT_WORDS = 80
STATES = {"IN-PROCESS": "in progress", "CANCELLED": "cancelled"}
MOMENTS = {"DUE": "due date", "DTSTART": "start date", "COMPLETED": "completion time"}
WORDS = {
    "RRULE": "repetition",
    "RDATE": "repetition",
    "DURATION": "duration",
    "LOCATION": "location",
    "GEO": "place on the map",
    "URL": "link",
    "COMMENT": "comment",
    "CONTACT": "contact",
    "ATTENDEE": "assignee",
    "RESOURCES": "resource",
    "ATTACH": "attachment",
}


class Property(NamedTuple):
    """`raw` has its escapes yet."""

    parameters: Parameters
    raw: str

    @property
    def text(self) -> str:
        return str(unescape_backslash(self.raw)).replace("\r\n", "\n")


class Vtodo:
    def __init__(self, number: int) -> None:
        self.number, self.size, self.reminders = number, 0, 0
        self.properties: dict[str, list[Property]] = {}
        self.unread: list[str] = []

    def add(self, line: bytes) -> None:
        self.size += 1
        text = line.decode(errors="surrogateescape")
        try:
            name, parameters, raw = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]  # why: the library's
        except ValueError:
            self.unread.append(text)
        else:
            self.properties.setdefault(name.upper(), []).append(Property(parameters, raw))

    def task(self, titles: dict[int, str]) -> ForeignTask:
        """Adds its title to `titles`, and has there the title of the task that it is a subtask of."""
        uid, title = self.text("UID").strip(), self.text("SUMMARY")
        if uid and len(titles) < MOST_TITLES:
            titles[hash(uid)] = title[:100]
        found = ForeignTask(
            key=(uid, self.text("RECURRENCE-ID")) if uid else ("", title, self.text("CREATED")),
            title=title,
            description=self.text("DESCRIPTION") if "DESCRIPTION" in self.properties else None,
            is_completed=self.is_completed(),
            created_at=self.moment("CREATED"),
            updated_at=self.moment("LAST-MODIFIED"),
            has_unique_key=bool(uid),
        )
        self.keep_own(found, parse_uuid(uid))
        self.add_notes(found, titles)
        return found

    def keep_own(self, found: ForeignTask, task_id: UUID | None) -> None:
        """An export of this service has ids and owners to keep. Its times have seconds alone, the id has the rest."""
        if task_id is None or "X-USER-ID" not in self.properties or "RECURRENCE-ID" in self.properties:
            return
        found.id, found.user_id = task_id, self.text("X-USER-ID")
        if task_id.version == 7 and (made := moment_of(task_id)).replace(microsecond=0) == found.created_at:
            found.created_at = made
            found.updated_at = max(made, found.updated_at or made)

    def is_completed(self) -> bool:
        """Whether it is done with. Where no status says so, a time of completion or 100 percent do."""
        if status := self.text("STATUS").strip().upper():
            return status in ("COMPLETED", "CANCELLED")
        return "COMPLETED" in self.properties or self.percent() == 100

    def percent(self) -> float:
        with suppress(ValueError):
            return float(self.text("PERCENT-COMPLETE"))
        return 0

    def add_notes(self, found: ForeignTask, titles: dict[int, str]) -> None:
        for name, kind in MOMENTS.items():
            for each in self.properties.get(name, []):
                found.note(kind, moment_in_words(each))
        for name, kind in WORDS.items():
            for each in self.properties.get(name, []):
                found.note(kind, words_of(name, each))
        for label in self.labels():
            found.note("label", label)
        found.note("status", STATES.get(self.text("STATUS").strip().upper()))
        if 0 < self.percent() < 100 and not found.is_completed:
            found.note("progress", f"{self.percent():.0f}%")
        if self.text("PRIORITY") not in ("", "0"):
            found.note("priority", f"{self.text('PRIORITY')} (1 is the highest)")
        for each in self.properties.get("RELATED-TO", []):
            kind = str(each.parameters.get("RELTYPE", "PARENT")).upper()
            found.note(SUBTASK if kind == "PARENT" else "relation", titles.get(hash(each.text), each.text))
        for _ in range(self.reminders):
            found.note("reminder", "yes")
        for line in self.unread:
            found.note("unreadable line", line)

    def labels(self) -> Iterator[str]:
        for each in self.properties.get("CATEGORIES", []):
            yield from map(str.strip, split_on_unescaped_comma(each.raw))

    def text(self, name: str) -> str:
        return self.properties[name][0].text if name in self.properties else ""

    def moment(self, name: str) -> datetime | None:
        """RFC 5545 wants it in UTC. A time without a zone is taken for that."""
        for each in self.properties.get(name, []):
            with suppress(ValueError, TypeError, OverflowError):
                read = parsed(each, each.parameters.get("TZID"))
                moment = read if isinstance(read, datetime) else datetime.combine(read, time())
                moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
                return moment if moment.year >= FIRST_YEAR or "X-USER-ID" in self.properties else None
        return None


def parsed(each: Property, zone: str | None = None) -> Any:
    """A time, a date or a duration. Raises ValueError, TypeError and OverflowError."""
    with warnings.catch_warnings():
        # The library warns where it guesses the zone behind a name of Mozilla's.
        warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
        try:
            return vDDDTypes.from_ical(each.raw.strip(), zone)  # type: ignore[no-untyped-call]  # why: the library's
        except OSError:
            # The zone has the name of a folder, or one that is too long for a file.
            return parsed(each)


def words_of(name: str, each: Property) -> str:
    if name == "ATTACH":
        is_inline = each.parameters.get("ENCODING") or each.raw.lower().startswith("data:")
        return str(each.parameters.get("FILENAME", "a file")) if is_inline else each.raw[:MOST_ATTACHMENT_WORDS]
    return each.text if name not in ("RRULE", "RDATE", "GEO") else each.raw


def moment_in_words(each: Property) -> str:
    """As in `2026-01-31` and `2026-01-31 12:00 Europe/Berlin`. What is neither stays as it is written."""
    try:
        moment = parsed(each)
    except (ValueError, TypeError, OverflowError):
        return each.raw
    if isinstance(moment, datetime):
        zone = "UTC" if moment.tzinfo else str(each.parameters.get("TZID", ""))
        return f"{moment.isoformat(' ')[:16]} {zone}".strip()
    return moment.isoformat() if isinstance(moment, date) else each.raw
