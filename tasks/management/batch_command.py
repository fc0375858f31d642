"""The base class of commands that go through many tasks, in batches and with a progress bar."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Never

from tqdm import tqdm

from tasks.management import arguments
from todo_project.management.command import ServiceCommand

BATCH_SIZE = 5_000


class BatchCommand(ServiceCommand):
    """Holds one batch of tasks in memory at a time."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch-size",
            type=arguments.batch_size,
            default=BATCH_SIZE,
            metavar="N",
            help=f"tasks that are read or written at a time (default {BATCH_SIZE})",
        )

    def progress(self, total: Callable[[], int | None], unit: str = " tasks") -> "tqdm[Never]":
        """A bar with rate and time left if stderr is a terminal. Otherwise nothing, and `total` is not called."""
        is_shown = bool(self.verbosity) and sys.stderr.isatty()
        return tqdm(
            total=total() if is_shown else None,
            unit=unit,
            unit_scale=True,
            dynamic_ncols=True,
            leave=False,
            file=sys.stderr,
            disable=not is_shown,
        )

    def say(self, text: str, *, verbosity: int = 1) -> None:
        if self.verbosity >= verbosity:
            with tqdm.external_write_mode(file=sys.stderr):
                super().say(text, verbosity=verbosity)
