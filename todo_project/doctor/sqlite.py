import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from todo_project.database import checks
from todo_project.doctor.findings import Check, Finding, fault, ok, warning


def pragma(name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def server() -> Iterator[Finding]:
    yield ok("database", f"SQLite {sqlite3.sqlite_version}, for one machine; PostgreSQL is for more")


def safety() -> Iterator[Finding]:
    messages = checks.check_sqlite(connection)
    for message in messages:
        yield fault("durability", str(message.msg), str(message.hint))
    if not messages:
        yield ok("durability", "synchronous FULL")


def journal() -> Iterator[Finding]:
    mode = pragma("journal_mode")
    if mode == "wal":
        yield ok("journal", "WAL: readers and the writer do not wait for each other")
    else:
        advice = "Leave init_command out of DATABASE_URL's options, and the file on a local disk."
        yield warning("journal", f"{mode} instead of WAL: readers and the writer wait for each other", advice)


def file_mode() -> Iterator[Finding]:
    file = Path(connection.settings_dict["NAME"])
    if os.name == "nt" or not file.exists():
        return
    mode = file.stat().st_mode
    if mode & 0o007:
        yield warning(
            "database file", f"everyone on this machine may use it (mode {mode & 0o777:o})", f"chmod 600 {file.name}*"
        )
    else:
        yield ok("database file", f"{file.stat().st_size:,} bytes, not for everyone on this machine")


CHECKS: list[Check] = [server, safety, journal, file_mode]
