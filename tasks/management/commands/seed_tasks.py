import secrets
import shlex
from argparse import ArgumentParser
from itertools import islice
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import CommandError

from tasks.bulk.amounts import amount
from tasks.bulk.loading import load
from tasks.bulk.seeds import seeded_rows
from tasks.management import arguments
from tasks.management.batch_command import BatchCommand
from todo_project.environment.addresses import local_url
from todo_project.management.arguments import user_id

USERS, TASKS = 10, 1_000


class Command(BatchCommand):
    help = (
        "Fills the database with believable tasks of made-up users, the same for the same numbers and seed. "
        "Tasks that exist already stay as they are. Prints a curl command that lists them."
    )
    seed = created = present = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tasks", type=arguments.count, default=TASKS, help=f"how many in all (default {TASKS})")
        owners = parser.add_mutually_exclusive_group()
        owners.add_argument(
            "--users",
            type=arguments.count,
            # Without argparse's default: it would take "--users 10" for absent, and allow it beside --user-id.
            help=f"how many users, named user-1 and so on (default {USERS})",
        )
        owners.add_argument("--user-id", type=user_id, metavar="ID", help="all for this user")
        parser.add_argument("--seed", type=int, help="a number that makes the same tasks again")
        parser.add_argument("--dry-run", action="store_true", help="say what would be created, and write nothing")
        super().add_arguments(parser)

    def handle(
        self,
        *args: Any,
        tasks: int,
        users: int | None,
        user_id: str | None,
        seed: int | None,
        dry_run: bool,
        batch_size: int,
        **options: Any,
    ) -> None:
        users = users or (1 if user_id is not None else USERS)
        if users > tasks:
            raise CommandError("--users must not be over --tasks: each user gets a task.")
        self.seed = secrets.randbelow(1_000_000) if seed is None else seed
        with self.progress(lambda: tasks) as bar:
            rows = seeded_rows(self.seed, tasks, users, user_id)
            while batch := {row["id"]: row for row in islice(rows, batch_size)}:
                created = load(batch, dry_run=dry_run).created
                self.created += created
                self.present += len(batch) - created
                bar.update(len(batch))
                self.say(self.summary(), verbosity=2)
        self.say(f"{self.summary()}{' A dry run: nothing was written.' if dry_run else ''}")
        token = '-H "Authorization: Bearer $TOKEN" ' if settings.HAS_AUTHENTICATION else ""
        self.stdout.write(f"curl {token}{shlex.quote(list_url(user_id or 'user-1'))}")

    def summary(self) -> str:
        return f"Created {amount(self.created)} with seed {self.seed}, found {self.present:,} here already."

    def so_far(self) -> str:
        return f"{self.summary()} The same command with --seed {self.seed} goes on from there."


def list_url(user_id: str) -> str:
    service = local_url(settings.HOST, settings.PORT) + settings.SCRIPT_NAME
    return f"{service}/api/{quote(user_id, safe='')}/tasks"
