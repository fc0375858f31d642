from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from tasks.bulk.amounts import amount
from tasks.bulk.loading import Loaded, load, with_defaults
from tasks.interchange.encodings import utf8
from tasks.interchange.files import Source, open_input
from tasks.interchange.foreign.conversion import Conversion
from tasks.interchange.formats import PROGRAMS, READERS
from tasks.interchange.lines import Record, UnreadableError
from tasks.interchange.recognition import beginning, format_of
from tasks.interchange.serializers import imported_row
from tasks.management import arguments
from tasks.management.bad_lines import BadLines
from tasks.management.batch_command import BatchCommand
from tasks.statements import FIELDS
from todo_project.api.problems import Invalid, Problem
from todo_project.api.renderers import dumps
from todo_project.database.statements import Row
from todo_project.management.arguments import user_id

MAX_ERRORS = 100
MOST_SHOWN = 10


class Command(BatchCommand):
    help = (
        "Reads tasks that export_tasks has written, and the exports of other to-do programs: calendars, Google Tasks, "
        "Microsoft To Do, Todoist and Vikunja. Ids, times and owners are kept. "
        "A line that is not a valid task is reported with its number and left out; the exit code is then 1."
    )
    options: dict[str, Any] = {"dry_run": False}
    total = Loaded()
    bad_lines: BadLines
    conversion: Conversion | None = None
    shown = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="what gzip has packed is unpacked; - is stdin")
        parser.add_argument(
            "--format", choices=[*READERS, *PROGRAMS], help="default: by the suffix of the file, or by its content"
        )
        parser.add_argument(
            "--user-id",
            type=user_id,
            metavar="ID",
            help="give all tasks to this user instead of their owners; other programs' exports name none",
        )
        parser.add_argument(
            "--notes",
            choices=["drop", "append"],
            default="drop",
            help="what to do with due dates, labels and the like, which have no place here: count them (default), or "
            "put them at the end of the description, in words",
        )
        parser.add_argument(
            "--on-conflict",
            choices=["skip", "update", "error"],
            default="skip",
            help="what to do with a task that exists already: leave it (default), change it to what the file says, or "
            "report it; one that belongs to another user is never changed and always reported",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, show the first tasks, and write nothing"
        )
        parser.add_argument(
            "--max-errors",
            type=arguments.count,
            default=MAX_ERRORS,
            metavar="N",
            help=f"stop at the Nth bad line (default {MAX_ERRORS}); whole batches before it stay",
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, file: str, format: str | None, batch_size: int, **options: Any) -> None:
        self.options = options
        self.total, self.shown, self.conversion = Loaded(), 0, None
        self.bad_lines = BadLines(lambda text: self.say(text, verbosity=0))
        try:
            with open_input(file) as source:
                self.load_all(source, self.records(source, file, format), batch_size)
        except UnreadableError as error:
            raise CommandError(f"{error}. {self.summary()}") from None
        finally:
            self.bad_lines.end_run()
        self.say(self.summary())
        if self.conversion and (what := self.conversion.summary()):
            self.say(what)
        if self.bad_lines.count:
            raise CommandError(f"Left out {amount(self.bad_lines.count, f'bad {self.bad_lines.unit}')}.")

    def records(self, source: Source, file: str, format: str | None) -> Iterator[Record]:
        text, found = utf8(source.file), format
        if found is None:
            head, text = beginning(text)
            found = format_of(file, head)
        if found is None:
            raise CommandError(f"{file}: add --format; neither the suffix nor the content names it.")
        if found in READERS:
            self.bad_lines.unit = "task" if found == "json" else "line"
            return READERS[found](text)
        program, owner = PROGRAMS[found], self.options["user_id"]
        if owner is None and not program.has_owners:
            raise CommandError(f"{file} comes from {program.name}, which names no owners: add --user-id ID.")
        self.bad_lines.unit = program.unit
        appends_notes = self.options["notes"] == "append"
        self.conversion = Conversion(found, owner, appends_notes=appends_notes, warn=self.warn)
        return self.conversion.records(program.read(text))

    def warn(self, number: int, what: str) -> None:
        self.say(f"{self.bad_lines.unit} {number}: {what}")

    def load_all(self, source: Source, records: Iterable[Record], batch_size: int) -> None:
        with self.progress(lambda: source.size, "B") as bar:
            for batch in batches(self.valid(records), batch_size):
                self.load(batch)
                bar.update(source.position() - bar.n)
                bar.set_postfix_str(self.summary(), refresh=False)
                self.say(self.summary(), verbosity=2)

    def valid(self, records: Iterable[Record]) -> Iterator[tuple[int, Row]]:
        for number, members in records:
            try:
                if isinstance(members, Invalid):
                    raise members
                row = imported_row(members, self.options["user_id"])
                self.bad_lines.end_run()
                self.show(row)
                yield number, row
            except Invalid as invalid:
                self.report(number, "; ".join(map(sentence, invalid.problems)))

    def show(self, row: Row) -> None:
        """Shows the first tasks of a dry run as they would be."""
        if self.options["dry_run"] and self.shown < MOST_SHOWN:
            self.shown += 1
            task = with_defaults(row)
            self.stdout.write(dumps({name: task[name] for name in FIELDS}).decode())

    def load(self, batch: dict[UUID, tuple[int, Row]]) -> None:
        rows = {task_id: row for task_id, (_, row) in batch.items()}
        loaded = load(rows, self.options["on_conflict"], dry_run=self.options["dry_run"])
        self.total.created += loaded.created
        self.total.updated += loaded.updated
        self.total.skipped += loaded.skipped
        for task_id, (number, _) in batch.items() if loaded.refused else ():
            if task_id in loaded.refused:
                self.report(number, loaded.refused[task_id])
            else:
                self.bad_lines.end_run()

    def report(self, number: int, why: str) -> None:
        self.bad_lines.add(number, why)
        if self.bad_lines.count >= self.options["max_errors"]:
            raise CommandError(
                f"Stopped at {amount(self.bad_lines.count, f'bad {self.bad_lines.unit}')}. {self.summary()}"
            )

    def summary(self) -> str:
        counts = f"{self.total.created:,} created, {self.total.updated:,} updated, {self.total.skipped:,} skipped"
        return f"{counts}; a dry run, so nothing was written." if self.options["dry_run"] else f"{counts}."

    def so_far(self) -> str:
        return f"{self.summary()} The same command goes on from there."


def sentence(problem: Problem) -> str:
    """The problem as in `title: Field required`. A problem of the whole line names no member."""
    members = [str(step) for step in problem["loc"][1:] if isinstance(step, str)]
    return ": ".join([*members, problem["msg"]])


def batches(rows: Iterable[tuple[int, Row]], size: int) -> Iterator[dict[UUID, tuple[int, Row]]]:
    """Ends a batch before an id that it holds already. The second line of an id then finds the first in the table."""
    batch: dict[UUID, tuple[int, Row]] = {}
    for number, row in rows:
        if len(batch) == size or row["id"] in batch:
            yield batch
            batch = {}
        batch[row["id"]] = number, row
    if batch:
        yield batch
