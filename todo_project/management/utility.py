"""Django's command line, with the project's own commands first in its help, and one sentence for a database's error."""

import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import ManagementUtility
from django.db import Error

from todo_project.database.errors import reason
from todo_project.management.command import BROKEN_PIPE, discard_output, file_and_reason


class Utility(ManagementUtility):
    def execute(self) -> None:
        """As Django's, but an error of the database or of the output ends Django's own commands with a sentence too."""
        try:
            super().execute()
            sys.stdout.flush()
        except OSError as error:
            discard_output()
            sys.exit(BROKEN_PIPE if isinstance(error, BrokenPipeError) else file_and_reason(error))
        except Error as error:
            if "--traceback" in self.argv:
                raise
            sys.exit(f"The database refused: {reason(error)}")

    def main_help_text(self, commands_only: bool = False) -> str:
        own = [f"[{app.label}]" for app in apps.app_configs.values() if Path(app.path).parent == settings.BASE_DIR]

        def place(block: str) -> int:
            """Of the introduction, of the section of an own app, or of another's. A heading may have a colour."""
            heading = block.partition("\n")[0]
            return 2 - any(name in heading for name in own) if "[" in heading else 0

        return "\n\n".join(sorted(super().main_help_text(commands_only).split("\n\n"), key=place))
