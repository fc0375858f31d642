"""The programs and the machine that the service runs on."""

import platform
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings

from todo_project import __version__
from todo_project.doctor.findings import Check, Finding, fault, ok, warning

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+) *\\?$", re.MULTILINE)
MEBIBYTE = 2**20
FULL, NEARLY_FULL = 100 * MEBIBYTE, 1024 * MEBIBYTE


def versions() -> Iterator[Finding]:
    yield ok("service", f"version {__version__}")
    yield ok("Python", f"{platform.python_version()} on {platform.system()}")
    pins = settings.BASE_DIR / "requirements.txt"
    pinned = PINNED.findall(pins.read_text(encoding="utf-8")) if pins.exists() else []
    others = [f"{name} is {installed(name) or 'missing'}, not {pin}" for name, pin in pinned if installed(name) != pin]
    if others:
        yield warning("packages", ", ".join(others), "Install what requirements.txt pins, as run.py does.")
    elif pinned:
        yield ok("packages", f"all {len(pinned)} as pinned, with Django {version('django')}")
    else:
        yield ok("packages", f"Django {version('django')}; there is no requirements.txt to compare with")


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def disk() -> Iterator[Finding]:
    folders = {"disk of the project": settings.BASE_DIR}
    if not settings.IS_POSTGRESQL:
        folders["disk of the database"] = Path(settings.DATABASES["default"]["NAME"]).parent
    for check, folder in folders.items():
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            yield fault(check, f"{folder}: {error.strerror}", "Make the folder, or name another in DATABASE_URL.")
            continue
        message = f"{free // MEBIBYTE:,} MiB free"
        if free < FULL:
            yield fault(check, message, "Free some room: SQLite and temporary files fail on a full disk.")
        elif free < NEARLY_FULL:
            yield warning(check, message, "Free some room before it is full.")
        else:
            yield ok(check, message)


CHECKS: list[Check] = [versions, disk]
