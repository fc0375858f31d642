"""The base class of all commands. Each succeeds, or ends with one sentence on stderr and an exit code."""

import os
import signal
import sys
from typing import Any, Never

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

from todo_project.database.errors import reason

# Plus the number of a signal, this is a shell's exit code for a process that the signal ended.
SIGNALLED = 128
BROKEN_PIPE = 141  # SIGPIPE, which Windows does not have


class ServiceCommand(BaseCommand):
    """Exits with 1 after an error or a wrong argument, with 130 after Ctrl-C and with 143 after SIGTERM.

    Data goes to stdout, messages to stderr.
    """

    verbosity = 1

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django's, but a wrong argument is a CommandError. Django would print the usage and exit with 2."""
        parser = self.create_parser(argv[0], argv[1])
        # Orchestrators end a job by SIGTERM. It must leave batches and files as Ctrl-C leaves them.
        signal.signal(signal.SIGTERM, interrupt)
        try:
            options = vars(parser.parse_args(argv[2:]))
            self.execute(*options.pop("args", ()), **options)
        except CommandError as error:
            if "--traceback" in argv:
                raise
            self.stderr.write(str(error).removeprefix("Error: "), str)
            sys.exit(error.returncode)
        finally:
            connections.close_all()

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.verbosity = options["verbosity"]
        try:
            output = super().execute(*args, **options)
            # A full disk must fail here, not when Python ends.
            self.stdout.flush()
            return output
        except (Exception, KeyboardInterrupt) as error:
            if number := signal_behind(error):
                raise CommandError(f"Interrupted: {self.so_far()}", returncode=SIGNALLED + number) from None
            match error:
                case BrokenPipeError():
                    # The reader of stdout has closed it.
                    discard_output()
                    sys.exit(BROKEN_PIPE)
                case OSError():
                    discard_output()
                    raise CommandError(file_and_reason(error)) from error
                case Error():
                    raise CommandError(f"The database refused: {reason(error)}") from error
            raise

    def so_far(self) -> str:
        """The rest of the sentence that an interruption ends with."""
        return "nothing was done."

    def say(self, text: str, *, verbosity: int = 1) -> None:
        if self.verbosity >= verbosity:
            self.stderr.write(text, str)

    def confirm(self, question: str) -> None:
        """Raises CommandError unless the answer is yes."""
        self.stderr.write(f"{question} Type yes to go on: ", str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            raise CommandError("Not confirmed: nothing was changed. In a script, use --no-input.")


def interrupt(number: int, frame: object) -> Never:
    raise KeyboardInterrupt(number)


def discard_output() -> None:
    """Drops the output that cannot be written. Python would try it once more at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def file_and_reason(error: OSError) -> str:
    return ": ".join(filter(None, (error.filename, error.strerror or str(error))))


def signal_behind(error: BaseException | None) -> int | None:
    """The signal that led to the error, or None.

    An interruption can make the end of a transaction or the release of a lock fail, with an error of their own.
    """
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return (error.args[0] if error.args else signal.SIGINT) if error else None
