from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from tasks.management import arguments
from tasks.statistics import Survey, Tally, survey
from todo_project.api.renderers import dumps
from todo_project.management.command import ServiceCommand

TOP = 10


class Command(ServiceCommand):
    help = (
        "Counts tasks: in all, by state, by day of creation, and of the largest owners. With more than a million tasks "
        "most numbers are estimates from a sample, and marked as such."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["table", "json"], default="table", help="default: table")
        parser.add_argument(
            "--top", type=arguments.count, default=TOP, metavar="N", help=f"how many owners to name (default {TOP})"
        )

    def handle(self, *args: Any, format: str, top: int, **options: Any) -> None:
        found = survey(top)
        self.stdout.write(dumps(found).decode() if format == "json" else "\n".join(table(found)))


def table(found: Survey) -> Iterator[str]:
    totals = {"tasks": found.tasks, "completed": found.completed, "open": found.open, "users": found.users}
    yield from columns(totals.items())
    yield from ["", "Made on"]
    yield from columns(found.days.items())
    yield from ["", "Largest owners"]
    yield from columns(found.largest_owners.items())
    if found.notes:
        yield from ["", *found.notes]


def columns(tallies: Iterable[tuple[str, Tally]]) -> list[str]:
    lines = [(name, number(tally)) for name, tally in tallies]
    width = max((len(name) for name, _ in lines), default=0)
    return [f"  {name:{width}}  {count:>14}" for name, count in lines]


def number(tally: Tally) -> str:
    return "unknown" if tally.count is None else f"{'' if tally.exact else '~'}{tally.count:,}"
