import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from todo_project.management.command import ServiceCommand

COMMITTED = settings.BASE_DIR / "openapi.json"


class Command(ServiceCommand):
    help = "Writes openapi.json from the code and validates it. A warning is an error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            generated = Path(folder) / "openapi.json"
            call_command("spectacular", file=str(generated), format="openapi-json", validate=True, fail_on_warn=True)
            document = generated.read_text() + "\n"
        if not check:
            COMMITTED.write_text(document)
        elif not COMMITTED.exists() or COMMITTED.read_text() != document:
            raise CommandError("openapi.json is not up to date. Write it again: python3 run.py manage openapi")
