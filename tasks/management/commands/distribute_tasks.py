import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from tasks.bulk.amounts import amount
from tasks.bulk.estimates import estimated_count
from tasks.distribution import requirements
from tasks.distribution.steps import Step, steps_to_many, steps_to_one
from tasks.management import arguments
from tasks.models import Task
from todo_project.database.postgresql.locks import session_lock
from todo_project.management.command import ServiceCommand

MEBIBYTE = 2**20


class Command(ServiceCommand):
    help = (
        "Spreads the tasks over the servers of a Citus cluster, each user's on one of them. Run it at the coordinator. "
        "First it says what it will do, and asks. After an interruption the same command goes on."
    )
    done = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--shards",
            type=arguments.shards,
            metavar="N",
            help="how many parts the tasks are divided into; without it as many as citus.shard_count says",
        )
        parser.add_argument("--online", action="store_true", help="let writes go on while the tasks are copied")
        parser.add_argument("--undo", action="store_true", help="bring the tasks back to the coordinator alone")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="do not ask")

    def handle(
        self,
        *args: Any,
        shards: int | None,
        online: bool,
        undo: bool,
        dry_run: bool,
        interactive: bool,
        **options: Any,
    ) -> None:
        if undo and (online or shards):
            raise CommandError("--undo takes neither --online nor --shards.")
        if obstacle := requirements.obstacle(shards, is_online=online, is_undo=undo):
            raise CommandError(obstacle)
        count = shards or requirements.shard_count() or requirements.default_shard_count()
        steps = list(steps_to_one() if undo else steps_to_many(count, is_online=online))
        self.announce(steps, count, is_undo=undo)
        if dry_run:
            return
        if interactive:
            self.confirm("This takes a while on a large table.")
        with session_lock("distribute_tasks") as is_alone:
            if not is_alone:
                raise CommandError("Another distribute_tasks is at work on this database.")
            self.run(steps)

    def announce(self, steps: list[Step], shards: int, *, is_undo: bool) -> None:
        tasks = f"about {amount(estimated_count(Task.objects.all()))}, {requirements.size() / MEBIBYTE:,.0f} MiB"
        spread = f"in {amount(shards, 'shard')} on {amount(requirements.node_count(), 'node')}"
        self.say(f"The tasks ({tasks}) are to be {'on this server alone' if is_undo else spread}:")
        for number, step in enumerate(steps, 1):
            self.say(f"{number}. {step.does}: {'done already' if step.is_done() else step.lock}")

    def run(self, steps: list[Step]) -> None:
        for number, step in enumerate(steps, 1):
            if not step.is_done():
                began = time.monotonic()
                step.run(lambda: self.say("A transaction has the tasks in use. The step is tried again until it ends."))
                self.say(f"Step {number} took {time.monotonic() - began:,.1f} s.")
            self.done = number

    def so_far(self) -> str:
        return f"{amount(self.done, 'step')} done. The same command goes on from there."
