import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

PAUSE = 0.25


class Command(BaseCommand):
    help = "Waits until the database answers, for scripts that start the service with its database."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for at the most (default 30)")

    def handle(self, *args: Any, timeout: float, **options: Any) -> None:
        deadline = time.monotonic() + timeout
        told = False
        while True:
            try:
                connection.ensure_connection()
                return
            except Error as error:
                reason = str(error).strip().splitlines()[-1]
                if time.monotonic() > deadline:
                    raise CommandError(f"The database did not answer within {timeout:g} s: {reason}") from None
            if not told:
                self.stderr.write(f"Waiting for the database: {reason}")
                told = True
            time.sleep(PAUSE)
