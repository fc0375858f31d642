import errno
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils import timezone

from tasks.bulk import keyset
from tasks.bulk.amounts import amount
from tasks.identifiers import parse_uuid
from tasks.management.batch_command import BatchCommand
from tasks.models import Task
from todo_project.api.renderers import dumps
from todo_project.database.whole import execute_whole
from todo_project.management.arguments import user_id
from todo_project.management.command import discard_output


class Command(BatchCommand):
    help = (
        "Erases everything of one user, for a deletion request: the tasks, and their entries in the admin's history. "
        "Prints a receipt as JSON."
    )
    tasks = entries = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_id", type=user_id, help="exactly as it stands in the API's path")
        parser.add_argument("--dry-run", action="store_true", help="print what the receipt would be, and erase nothing")
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="do not ask")
        super().add_arguments(parser)

    def handle(
        self, *args: Any, user_id: str, dry_run: bool, interactive: bool, batch_size: int, **options: Any
    ) -> None:
        found = Task.objects.for_user(user_id).count()
        self.say(f"This {'would erase' if dry_run else 'erases'} {amount(found)} of user {user_id} for good.")
        if found and interactive and not dry_run:
            self.confirm("They cannot be brought back.")
        # Fails before anything is erased where stdout cannot be written. JSON ignores a blank.
        self.write_receipt(" ")
        orphans = None
        try:
            self.erase(user_id, found, dry_run, batch_size)
            orphans = count_orphans(batch_size)
        finally:
            # After an interruption too: a later run cannot count what is gone by then.
            receipt = {
                "user_id": user_id,
                "tasks": self.tasks,
                "admin_history_entries": self.entries,
                "admin_history_entries_of_tasks_gone_before": orphans,
                "dry_run": dry_run,
                "at": timezone.now(),
            }
            self.write_receipt(dumps(receipt).decode() + "\n")

    def write_receipt(self, text: str) -> None:
        try:
            if sys.__stdout__ is None:
                raise OSError(errno.EBADF, "stdout is closed")
            self.stdout.write(text, ending="")
            self.stdout.flush()
        except OSError as error:
            discard_output()
            erased = f"Erased: {amount(self.tasks)}, entries of the admin's history: {self.entries:,}."
            done = erased if self.tasks else "Nothing was erased."
            raise CommandError(f"The receipt cannot be written: {error.strerror}. {done}") from None

    def erase(self, user_id: str, found: int, dry_run: bool, size: int) -> None:
        tasks = Task.objects.for_user(user_id)
        is_left = True
        with self.progress(lambda: found) as bar:
            while is_left:
                for step in keyset.steps(tasks, size):
                    tasks_of_step, entries = execute_whole(partial(erase_step, step, dry_run))
                    self.tasks, self.entries = self.tasks + tasks_of_step, self.entries + entries
                    bar.update(self.tasks - bar.n)
                    self.say(f"Erased {amount(self.tasks)} so far.", verbosity=2)
                # A task that was made meanwhile may lie in a part that is done.
                is_left = not dry_run and tasks.exists()

    def so_far(self) -> str:
        return f"erased {amount(self.tasks)}. The same command goes on from there."


def erase_step(step: "QuerySet[Task]", dry_run: bool) -> tuple[int, int]:
    """Gives how many tasks and entries of the admin's history there were."""
    ids = list(step.values_list("id", flat=True))
    entries = history().filter(object_id__in=map(str, ids))
    tasks = step.order_by().filter(id__in=ids)
    count = entries.count() if dry_run else entries.delete()[0]
    return len(ids) if dry_run else tasks.delete()[0], count


def history() -> "QuerySet[LogEntry]":
    """The entries on tasks in the admin's history. Each repeats a title."""
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Task))


def count_orphans(size: int) -> int:
    """How many entries are of tasks that no longer exist. They stay, because they name no owner."""
    count = 0
    for step in keyset.steps(history(), size):
        ids = [parse_uuid(object_id or "") for object_id in step.values_list("object_id", flat=True)]
        present = set(Task.objects.filter(id__in=[task_id for task_id in ids if task_id]).values_list("id", flat=True))
        count += sum(task_id not in present for task_id in ids)
    return count
