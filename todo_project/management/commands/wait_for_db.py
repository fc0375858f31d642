import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import Error, connection

from todo_project.database.errors import reason
from todo_project.database.postgresql.outage import is_hopeless, outage
from todo_project.database.sqlite.file import file_problem, is_locked
from todo_project.management import arguments
from todo_project.management.command import ServiceCommand

TIMEOUT = 30
PAUSE = 0.25


class Command(ServiceCommand):
    help = (
        "Waits until the database answers, for scripts that start the service with its database. "
        "An error that waiting cannot change, such as a wrong password or a folder that is not there, ends it at once."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--timeout",
            type=arguments.seconds,
            default=TIMEOUT,
            metavar="SECONDS",
            help=f"how long to wait at the most (default {TIMEOUT}); an attempt that has begun is finished",
        )

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        deadline = time.monotonic() + timeout
        is_announced = False
        if problem := file_problem():
            raise CommandError(f"The database file cannot be used: {problem}.")
        while error := try_to_connect():
            if connection.vendor == "sqlite" and not is_locked(error):
                raise CommandError(f"The database file cannot be used: {reason(error)}")
            if is_hopeless(error):
                raise CommandError(f"The database does not let this service in: {reason(error)}")
            if time.monotonic() >= deadline:
                raise CommandError(f"The database did not answer within {timeout:g} s: {reason(error)}")
            if not is_announced:
                self.say(f"Waiting for the database: {reason(error)}")
                is_announced = True
            time.sleep(PAUSE)

    def so_far(self) -> str:
        return "the database has not answered yet."


def try_to_connect() -> Error | None:
    """Tries once. Returns the error if it fails."""
    # During a known outage, a connection would fail without being tried.
    outage.end()
    try:
        with outage.without_waiting():
            connection.ensure_connection()
    except Error as error:
        return error
    return None
