from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q
from django.utils import timezone

from tasks.bulk import keyset
from tasks.bulk.amounts import amount
from tasks.bulk.estimates import estimated_count
from tasks.management import arguments
from tasks.management.batch_command import BatchCommand
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from todo_project.management.arguments import user_id


class Command(BatchCommand):
    help = (
        "Deletes tasks by state and age, in short transactions. First it says which tasks and how many, and asks. "
        "For everything of one user, use erase_user."
    )
    deleted = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--completed", action="store_true", default=None, help="only completed tasks")
        state.add_argument("--open", action="store_false", dest="completed", help="only open tasks")
        parser.add_argument(
            "--older-than", type=arguments.ago, metavar="AGE", help="not written to for that long: 90d, 12h or 4w"
        )
        parser.add_argument("--user-id", type=user_id, metavar="ID", help="only the tasks of this user")
        parser.add_argument("--dry-run", action="store_true", help="say what would be deleted, and delete nothing")
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="do not ask")
        super().add_arguments(parser)

    def handle(
        self,
        *args: Any,
        completed: bool | None,
        older_than: datetime | None,
        user_id: str | None,
        dry_run: bool,
        interactive: bool,
        batch_size: int,
        **options: Any,
    ) -> None:
        if completed is None and older_than is None:
            raise CommandError("Add --completed, --open or --older-than. For everything of one user, use erase_user.")
        tasks = Task.objects.all() if user_id is None else Task.objects.for_user(user_id)
        # A task that is written to from now on stays, so that no more are deleted than were counted.
        before = older_than or timezone.now()
        wanted = Q(updated_at__lt=before) if completed is None else Q(updated_at__lt=before, is_completed=completed)
        found = self.count(tasks, wanted, batch_size)
        which = description(found, completed, older_than, user_id)
        self.say(f"This {'would delete' if dry_run else 'deletes'} {which}.")
        if dry_run or not found:
            return
        if interactive:
            self.confirm("They cannot be brought back.")
        self.delete(tasks, wanted, batch_size, found)
        self.say(f"Deleted {amount(self.deleted)}.")

    def count(self, tasks: TaskQuerySet, wanted: Q, size: int) -> int:
        """Counts in steps too: one count of a big table would run into the time limit of a statement."""
        found = 0
        with self.progress(lambda: estimated_count(tasks)) as bar:
            for step in keyset.steps(tasks, size):
                found += step.filter(wanted).count()
                bar.update(size)
        return found

    def delete(self, tasks: TaskQuerySet, wanted: Q, size: int, found: int) -> None:
        with self.progress(lambda: found) as bar:
            for step in keyset.steps(tasks, size):
                # The filter again, so that a task that was written to after the count stays.
                deleted, _ = step.order_by().filter(wanted).delete()
                self.deleted += deleted
                bar.update(deleted)
                self.say(f"Deleted {amount(self.deleted)} so far.", verbosity=2)

    def so_far(self) -> str:
        return f"deleted {amount(self.deleted)}."


def description(found: int, completed: bool | None, older_than: datetime | None, user_id: str | None) -> str:
    state = {None: "", True: "completed ", False: "open "}[completed]
    owner = "" if user_id is None else f" of user {user_id}"
    age = "" if older_than is None else f", not written to since {older_than:%Y-%m-%d %H:%M:%S} UTC"
    return amount(found, f"{state}task") + owner + age
