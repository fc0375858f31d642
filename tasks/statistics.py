"""How many tasks there are, and of which kinds. Up to a million are counted; more are estimated in bounded time."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, TextField
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from tasks.bulk.estimates import estimated_count, estimated_users
from tasks.bulk.samples import SampledTask, sample_of
from tasks.identifiers import moment_of, uuid7_at
from tasks.models import Task

EXACT_UP_TO = 1_000_000
DAYS = 14
# The share of ids that must name the day of their task. At midnight an id may be made the day before its task.
TRUSTED = 0.99


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


def survey(top: int) -> Survey:
    """All numbers, with the `top` largest owners."""
    total = estimated_count(Task.objects.all())
    return counted_survey(top) if total <= EXACT_UP_TO else sampled_survey(total, top)


def counted_survey(top: int) -> Survey:
    tasks = Task.objects.order_by()
    states = dict(tasks.values_list("is_completed").annotate(Count("id")))
    # Not TruncDate, for which SQLite calls Python row by row.
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


def sampled_survey(total: int, top: int) -> Survey:
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
        users=Tally(estimated_users(), exact=False),
        completed=Tally(completed, exact=False),
        open=Tally(total - completed, exact=False),
        days=days,
        largest_owners=sampled_owners(sample, top),
        notes=notes,
    )


def sampled_days(sample: list[SampledTask], scale: float) -> dict[str, Tally]:
    """Counted by the ids if nearly all of them name the day. Otherwise estimated from the sample.

    That estimate errs widely: neighbours in the sample are of the same day.
    """
    if sum(day_of(task.task_id) == task.day for task in sample) >= TRUSTED * len(sample):
        # An import may bring random ids. Most of them sort behind all ids that hold a time.
        until_today = Task.objects.filter(id__lt=first_id(timezone.now().date() + timedelta(days=1)))
        newest = until_today.order_by("-id").values_list("id", flat=True).first()
        days = days_up_to((newest and day_of(newest)) or max((task.day for task in sample), default=""))
        return {day: Tally(count, exact=True) for day in days if (count := count_by_ids(day))}
    found = Counter(task.day for task in sample)
    return {day: Tally(round(scale * found[day]), exact=False) for day in days_up_to(max(found)) if found[day]}


def sampled_owners(sample: list[SampledTask], top: int) -> dict[str, Tally]:
    found = Counter(task.user_id for task in sample).most_common(top)
    counts = {owner: Task.objects.for_user(owner).count() for owner, _ in found}
    return {owner: Tally(counts[owner], exact=True) for owner in sorted(counts, key=lambda owner: -counts[owner])}


def days_up_to(newest: str) -> list[str]:
    """The DAYS days that end with `newest`, or with today if that is earlier. Empty if `newest` is."""
    if not newest:
        return []
    last = date.fromisoformat(min(newest, str(timezone.now().date()))).toordinal()
    return [str(date.fromordinal(day)) for day in range(last, max(last - DAYS, 0), -1)]


def day_of(task_id: UUID) -> str:
    """The day in an id of this service or of an import. Empty for an id whose bits name no day."""
    try:
        return str(moment_of(task_id).date()) if task_id.version in (7, 8) else ""
    except OverflowError:
        return ""


def count_by_ids(day: str) -> int:
    first = date.fromisoformat(day)
    return Task.objects.filter(id__gte=first_id(first), id__lt=first_id(first + timedelta(days=1))).count()


def first_id(day: date) -> UUID:
    """The lowest UUID version 7 of the day."""
    return uuid7_at(datetime.combine(day, time(), UTC))
