from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from tasks.bulk import keyset
from tasks.bulk.amounts import amount
from tasks.bulk.estimates import estimated_count
from tasks.filters import FIRST, Filters
from tasks.interchange.files import STANDARD, open_output
from tasks.interchange.formats import WRITERS
from tasks.interchange.recognition import format_by_suffix
from tasks.interchange.vtodo import EmptyCalendarError
from tasks.management import arguments
from tasks.management.batch_command import BatchCommand
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.statements import FIELDS
from todo_project.api.times import MICROSECOND
from todo_project.database.statements import Row
from todo_project.management.arguments import user_id


class Command(BatchCommand):
    help = "Writes tasks as JSON Lines, CSV or iCalendar, oldest first."
    output, written = STANDARD, 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user-id", type=user_id, metavar="ID", help="only the tasks of this user")
        parser.add_argument("--format", choices=list(WRITERS), help="default: by the suffix; jsonl on stdout")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--completed", action="store_true", default=None, help="only completed tasks")
        state.add_argument("--open", action="store_false", dest="completed", help="only open tasks")
        moment = "a date, a time such as 2026-01-31T12:00:00Z, or a duration ago such as 7d"
        parser.add_argument("--since", type=arguments.moment, metavar="WHEN", help=f"created then or later: {moment}")
        parser.add_argument("--until", type=arguments.moment, metavar="WHEN", help="created before then")
        parser.add_argument("--updated-since", type=arguments.moment, metavar="WHEN", help="changed then or later")
        parser.add_argument("--updated-until", type=arguments.moment, metavar="WHEN", help="last changed before then")
        parser.add_argument(
            "-q",
            "--words",
            type=arguments.words,
            metavar="WORDS",
            help="with each of these words in title or description",
        )
        parser.add_argument(
            "-o", "--output", default=STANDARD, metavar="FILE", help="compressed by gzip if it ends in .gz; - is stdout"
        )
        super().add_arguments(parser)

    def handle(
        self, *args: Any, user_id: str | None, format: str | None, output: str, batch_size: int, **options: Any
    ) -> None:
        tasks = Task.objects.all() if user_id is None else Task.objects.for_user(user_id)
        write = WRITERS[format or self.format_of(output)]
        self.output = output
        try:
            with open_output(output) as file:
                for chunk in write(self.batches(tasks, filters_of(**options), batch_size)):
                    file.write(chunk)
        except EmptyCalendarError:
            raise CommandError(
                "There are no such tasks, and a calendar of none is not valid: nothing was written."
            ) from None
        self.say(f"Exported {amount(self.written)}.")

    def format_of(self, output: str) -> str:
        found = "jsonl" if output == STANDARD else format_by_suffix(output)
        if found is None:
            raise CommandError(f"The suffix of {output} names no format: add --format jsonl, csv or ics.")
        return found

    def batches(self, tasks: TaskQuerySet, filters: Filters, size: int) -> Iterator[list[Row]]:
        with self.progress(lambda: estimated_count(tasks)) as bar:
            for step in keyset.steps(tasks, size):
                rows = list(step.matching(**filters).values(*FIELDS))
                yield rows
                self.written += len(rows)
                bar.update(size)
                self.say(f"Exported {amount(self.written)} so far.", verbosity=2)

    def so_far(self) -> str:
        return "the output is incomplete." if self.output == STANDARD else f"{self.output} was not written."


def filters_of(
    *,
    completed: bool | None,
    since: datetime | None,
    until: datetime | None,
    updated_since: datetime | None,
    updated_until: datetime | None,
    words: str | None,
    **options: Any,
) -> Filters:
    filters = {
        "is_completed": completed,
        "created_after": before(since),
        "created_before": until,
        "updated_after": before(updated_since),
        "updated_before": updated_until,
        "q": words,
    }
    return {name: value for name, value in filters.items() if value is not None}


def before(moment: datetime | None) -> datetime | None:
    """The last moment before it: what comes after that comes then or later. None where there is no moment before."""
    return moment - MICROSECOND if moment and moment > FIRST.updated_at else None
