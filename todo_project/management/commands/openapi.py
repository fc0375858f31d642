import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from drf_spectacular.settings import patched_settings

from todo_project.management.command import ServiceCommand

# The committed documents, whatever this service is configured to be, each with the hook that makes it.
DOCUMENTS = {"openapi.json": "declare_no_security", "openapi-bearer.json": "declare_bearer"}


class Command(ServiceCommand):
    help = (
        "Writes openapi.json, and openapi-bearer.json of a service with authentication, from the code, and validates "
        "them. A warning is an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for name, hook in DOCUMENTS.items():
            committed, document = settings.BASE_DIR / name, generated(hook)
            if not check:
                committed.write_text(document, encoding="utf-8")
            elif not committed.exists() or committed.read_text(encoding="utf-8") != document:
                raise CommandError(f"{name} is not up to date. Write it again: python3 run.py manage openapi")


def generated(security: str) -> str:
    configured: list[str] = settings.SPECTACULAR_SETTINGS["POSTPROCESSING_HOOKS"]  # type: ignore[assignment]  # why: read as object
    others = [hook for hook in configured if hook.rpartition(".")[2] not in DOCUMENTS.values()]
    with (
        tempfile.TemporaryDirectory() as folder,
        patched_settings({"POSTPROCESSING_HOOKS": [*others, f"todo_project.api.schema.{security}"]}),
    ):
        file = Path(folder) / "openapi.json"
        call_command("spectacular", file=str(file), format="openapi-json", validate=True, fail_on_warn=True)
        return file.read_text(encoding="utf-8") + "\n"
