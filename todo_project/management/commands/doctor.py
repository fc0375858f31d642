from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from todo_project.api.renderers import dumps
from todo_project.doctor import authentication, configuration, database, installation
from todo_project.doctor.findings import Finding, Level
from todo_project.management.command import ServiceCommand

WORST_FIRST: list[Level] = ["fault", "warning", "ok"]


class Command(ServiceCommand):
    help = (
        "One page on this installation: versions, settings, secrets, database, disk. Each line is ok, a warning or a "
        "fault, with what to do about it. No secret is shown. The exit code is 1 if there is a fault."
    )
    # The doctor runs them itself and reports their messages.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")

    def handle(self, *args: Any, format: str, **options: Any) -> None:
        checks = [*installation.CHECKS, *configuration.CHECKS, *authentication.CHECKS, *database.CHECKS]
        findings = [finding for check in checks for finding in check()]
        counts = {level: sum(finding.level == level for finding in findings) for level in WORST_FIRST}
        worst = next((level for level in WORST_FIRST if counts[level]), "ok")
        if format == "json":
            self.stdout.write(dumps({"status": worst, "findings": findings}).decode())
        else:
            self.print(findings)
        summary = f"Faults: {counts['fault']}, warnings: {counts['warning']}, ok: {counts['ok']}."
        if worst == "fault":
            raise CommandError(summary)
        self.say(summary)

    def print(self, findings: list[Finding]) -> None:
        styles = {"ok": self.style.SUCCESS, "warning": self.style.WARNING, "fault": self.style.ERROR}
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            level = styles[finding.level](f"{finding.level:8}")
            self.stdout.write(f"{level} {finding.check:{width}}  {finding.message}")
            if finding.advice:
                self.stdout.write(f"{'':{width + 11}}→ {finding.advice}")
