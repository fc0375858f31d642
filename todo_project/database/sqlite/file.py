"""Whether the service can use the file of an SQLite database."""

import os
from pathlib import Path

from django.db import connection


def file_problem() -> str:
    """Why the file cannot be used, as the rest of a sentence; "" where it can, and for another database.

    SQLite would report some of it with the first write only, and cannot say which folder is not there.
    """
    if connection.vendor != "sqlite":
        return ""
    file = Path(connection.settings_dict["NAME"])
    if not file.parent.is_dir():
        return f"the folder {file.parent} is not there"
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        return f"this process may not read and write {file}"
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return f"this process may not write to {file.parent}, where SQLite keeps its journal"
    return ""


def is_locked(error: Exception) -> bool:
    """Whether another process has the file at the moment. Of SQLite's errors only this one goes away by itself."""
    return "locked" in str(error)
