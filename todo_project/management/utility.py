"""Django's command line, with the project's own commands first in its help."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import ManagementUtility


class Utility(ManagementUtility):
    def main_help_text(self, commands_only: bool = False) -> str:
        own = [f"[{app.label}]" for app in apps.app_configs.values() if Path(app.path).parent == settings.BASE_DIR]

        def place(block: str) -> int:
            """Of the introduction, of the section of an own app, or of another's. A heading may have a colour."""
            heading = block.partition("\n")[0]
            return 2 - any(name in heading for name in own) if "[" in heading else 0

        return "\n\n".join(sorted(super().main_help_text(commands_only).split("\n\n"), key=place))
