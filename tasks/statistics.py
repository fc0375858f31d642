"""How many tasks there are, of which kinds: counted up to a million, told from a sample beyond, in bounded time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, TextField
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from tasks.bulk.estimates import estimated_count
from tasks.identifiers import EPOCH, moment_of
from tasks.models import Task

EXACT_UP_TO = 1_000_000
SAMPLE = 100_000
# SQLite's sample is that many runs of neighbours.
RUNS = 200
DAYS = 14
# The share of ids that must name their task's day; at midnight an id may be made the day before its task.
TRUSTED = 0.99
COLUMNS = "id, user_id, is_completed, created_at"
TABLE = Task._meta.db_table


@dataclass
class Tally:
    count: int | None
    exact: bool


@dataclass
class Survey:
    """`days` are those of the last two weeks on which a task was made; `notes` say where a number comes from."""

    tasks: Tally
    users: Tally
    completed: Tally
    open: Tally
    days: dict[str, Tally]
    largest_owners: dict[str, Tally]
    notes: list[str]


class Sampled(NamedTuple):
    task_id: UUID
    user_id: str
    is_completed: bool
    day: str


def survey(top: int) -> Survey:
    total = estimated_count(Task.objects.all())
    return counted(top) if total <= EXACT_UP_TO else sampled(total, top)


def counted(top: int) -> Survey:
    tasks = Task.objects.order_by()
    states = dict(tasks.values_list("is_completed").annotate(Count("id")))
    # Not TruncDate, which SQLite calls back into Python for, row by row.
    day = Substr(Cast("created_at", TextField()), 1, len("2026-01-31"))
    made = dict(tasks.annotate(day=day).values_list("day").annotate(Count("id")))
    owners = tasks.values_list("user_id").annotate(count=Count("id")).order_by("-count", "user_id")[:top]
    users = tasks.aggregate(users=Count("user_id", distinct=True))["users"]
    return Survey(
        tasks=Tally(sum(states.values()), exact=True),
        users=Tally(users, exact=True),
        completed=Tally(states.get(True, 0), exact=True),
        open=Tally(states.get(False, 0), exact=True),
        days={day: Tally(made[day], exact=True) for day in days_up_to(max(made, default="")) if day in made},
        largest_owners={owner: Tally(count, exact=True) for owner, count in owners},
        notes=[],
    )


def sampled(total: int, top: int) -> Survey:
    sample = list(sample_of(total))
    scale = total / max(len(sample), 1)
    completed = round(scale * sum(task.is_completed for task in sample))
    days = sampled_days(sample, scale)
    notes = [
        f"~ is an estimate, from a sample of {len(sample):,} tasks.",
        "The owners are found in the sample, and then counted.",
    ]
    if all(tally.exact for tally in days.values()):
        notes.append("The days are counted by the time in the tasks' ids.")
    return Survey(
        tasks=Tally(total, exact=connection.vendor == "sqlite"),
        users=Tally(distinct_users(total), exact=False),
        completed=Tally(completed, exact=False),
        open=Tally(total - completed, exact=False),
        days=days,
        largest_owners=sampled_owners(sample, top),
        notes=notes,
    )


def sampled_days(sample: list[Sampled], scale: float) -> dict[str, Tally]:
    """Counted by the ids where they tell the day; neighbours in the sample are of one day, so that it errs widely."""
    if sum(day_of(task.task_id) == task.day for task in sample) >= TRUSTED * len(sample):
        # Random ids, which an import may bring, mostly come after all that name a time.
        until_today = Task.objects.filter(id__lt=first_id(timezone.now().date() + timedelta(days=1)))
        newest = until_today.order_by("-id").values_list("id", flat=True).first()
        days = days_up_to((newest and day_of(newest)) or max((task.day for task in sample), default=""))
        return {day: Tally(count, exact=True) for day in days if (count := count_by_ids(day))}
    found = Counter(task.day for task in sample)
    return {day: Tally(round(scale * found[day]), exact=False) for day in days_up_to(max(found)) if found[day]}


def days_up_to(newest: str) -> list[str]:
    """The newest day, but none to come, and those before it, DAYS in all; none before none."""
    if not newest:
        return []
    last = date.fromisoformat(min(newest, str(timezone.now().date()))).toordinal()
    return [str(date.fromordinal(day)) for day in range(last, max(last - DAYS, 0), -1)]


def day_of(task_id: UUID) -> str:
    """The day on which a UUID version 7 was made; empty for others, whose bits name no day of the calendar."""
    try:
        return str(moment_of(task_id).date()) if task_id.version == 7 else ""
    except OverflowError:
        return ""


def count_by_ids(day: str) -> int:
    first = date.fromisoformat(day)
    return Task.objects.filter(id__gte=first_id(first), id__lt=first_id(first + timedelta(days=1))).count()


def first_id(day: date) -> UUID:
    """No UUID version 7 that was made on the day or later is below it."""
    start = datetime.combine(day, time(), UTC)
    return UUID(int=(start - EPOCH) // timedelta(milliseconds=1) << 80)


def sampled_owners(sample: list[Sampled], top: int) -> dict[str, Tally]:
    found = Counter(task.user_id for task in sample).most_common(top)
    counts = {owner: Task.objects.for_user(owner).count() for owner, _ in found}
    return {owner: Tally(counts[owner], exact=True) for owner in sorted(counts, key=lambda owner: -counts[owner])}


def sample_of(total: int) -> Iterator[Sampled]:
    with connection.cursor() as cursor:
        rows = postgresql_rows(cursor, total) if connection.vendor == "postgresql" else sqlite_rows(cursor)
        for task_id, user_id, is_completed, created_at in rows:
            yield Sampled(UUID(str(task_id)), user_id, bool(is_completed), str(created_at)[:10])


def postgresql_rows(cursor: CursorWrapper, total: int) -> Iterator[Any]:
    share = min(100, 100 * SAMPLE / total)
    cursor.execute(f"SELECT {COLUMNS} FROM {TABLE} TABLESAMPLE SYSTEM (%s) REPEATABLE (1)", [share])  # noqa: S608 -- our own names
    yield from cursor.fetchall()


def sqlite_rows(cursor: CursorWrapper) -> Iterator[Any]:
    """Runs of neighbours, spread over the table."""
    cursor.execute(f"SELECT max(rowid) FROM {TABLE}")  # noqa: S608 -- our own name
    last = cursor.fetchone()[0] or 0
    for run in range(RUNS):
        start = last * run // RUNS + 1
        end = start + SAMPLE // RUNS - 1
        cursor.execute(f"SELECT {COLUMNS} FROM {TABLE} WHERE rowid BETWEEN %s AND %s", [start, end])  # noqa: S608 -- our own names
        yield from cursor.fetchall()


def distinct_users(total: int) -> int | None:
    """What the last ANALYZE saw; SQLite keeps no such number."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_distinct FROM pg_stats WHERE tablename = %s AND attname = 'user_id'", [TABLE])
        row = cursor.fetchone()
    # A negative number is a share of the rows.
    return round(row[0] if row[0] > 0 else -row[0] * total) if row else None
