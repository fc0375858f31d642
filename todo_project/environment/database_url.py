"""`DATABASE_URL`: what Django needs to know of a database, from one URL. Nothing of it may be cut off in silence."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import dj_database_url

from todo_project.environment import postgresql_url
from todo_project.environment.postgresql_url import decoded
from todo_project.environment.readers import refuse, text

SQLITE_OPTIONS = {"timeout", "init_command", "transaction_mode"}
SQLITE_BACKEND = "todo_project.database.sqlite"
TRANSACTION_MODES = ("DEFERRED", "IMMEDIATE", "EXCLUSIVE")
ESCAPES = "%40 for @, %23 for #, %2F for /, %3F for ?, %25 for %"
POSTGRESQL_URL = (
    "must look like postgresql://user:password@host:5432/name, with other characters percent-encoded, in a password "
    f"too: {ESCAPES}"
)


def database(name: str, default: str, folder: Path) -> dict[str, Any]:
    """Django's settings for the database at a URL. A relative SQLite file lies in `folder`.

    No message repeats the URL, because it may hold a password.
    """
    url = text(name, default)
    if re.match(r"""psql\s|["']""", url):
        refuse(name, "must be the URL alone: leave out the word psql and the quotes around it")
    if not url.startswith(("postgresql://", "postgres://", "sqlite:///")):
        refuse(name, "must be a URL that starts with postgresql:// or sqlite:///")
    if url.startswith("sqlite"):
        return sqlite(name, url.removeprefix("sqlite:///"), folder)
    return postgresql(name, url.partition("://")[2])


def postgresql(name: str, rest: str) -> dict[str, Any]:
    address, _, query = rest.partition("?")
    try:
        if "#" in rest:
            raise ValueError("Nothing comes behind a #")
        options = options_of(name, query, POSTGRESQL_URL if "@" in query else "")
        parsed = postgresql_url.parsed(address, options)
    except ValueError:
        refuse(name, POSTGRESQL_URL)
    if wrong := postgresql_url.problem(address, options, parsed):
        refuse(name, wrong)
    has_name = parsed["NAME"] or "service" in options
    check_name(name, parsed["NAME"] if has_name else "")
    return parsed | {"OPTIONS": postgresql_url.typed(parsed["OPTIONS"])}


def sqlite(name: str, rest: str, folder: Path) -> dict[str, Any]:
    path, _, query = rest.partition("?")
    if "#" in rest:
        refuse(name, "has a # that would cut off the rest: write %23 for it")
    try:
        file, options = decoded(path), options_of(name, query, "")
    except ValueError:
        refuse(name, "has an escape that is no UTF-8 text: write %25 for a % of the file's name")
    check_name(name, "" if file == ":memory:" else file)
    if wrong := sqlite_problem(options):
        refuse(name, wrong)
    if (folder / file).is_dir():
        refuse(name, f"must name a file, and {folder / file} is a folder")
    whole = {"timeout": int(options["timeout"])} if "timeout" in options else {}
    parsed = dj_database_url.parse(f"sqlite:///{path}", SQLITE_BACKEND)
    return {**parsed, "NAME": str(folder / parsed["NAME"]), "OPTIONS": options | whole}


def sqlite_problem(options: dict[str, str]) -> str:
    if unknown := sorted(set(options) - SQLITE_OPTIONS):
        return f"has unknown options: {', '.join(unknown)}. Write %3F for a ? of the file's name"
    if not re.fullmatch(r"[0-9]{1,6}", options.get("timeout", "0")):
        return "has a timeout that is not a whole number"
    if options.get("transaction_mode", "DEFERRED").upper() not in TRANSACTION_MODES:
        return f"has a transaction_mode that is not one of {', '.join(TRANSACTION_MODES)}"
    return ""


def options_of(name: str, query: str, wants: str) -> dict[str, str]:
    """The options behind the ?. Raises ValueError for what is no UTF-8. `wants` is said instead of what is wrong."""
    options: dict[str, str] = {}
    for option, value in parse_qsl(query, keep_blank_values=True, errors="strict"):
        if not value or "\0" in value:
            refuse(name, wants or f"has an option without a value: {option}. Write %3F for a ? that begins no options")
        if option in options:
            refuse(name, f"has the option {option} twice")
        options[option] = value
    return options


def check_name(name: str, database: str) -> None:
    if not database:
        refuse(name, "must name a database or a file, as in postgresql://host/name or sqlite:///db.sqlite3")
