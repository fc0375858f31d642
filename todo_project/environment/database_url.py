"""`DATABASE_URL`: what Django needs to know of a database, from one URL."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from todo_project.environment.readers import refuse, text

# Options of Django's own that a URL may carry, beside libpq's.
POSTGRESQL_OPTIONS = {"assume_role", "server_side_binding", "prepare_threshold"}
SQLITE_OPTIONS = {"timeout", "init_command", "transaction_mode"}
TRANSACTION_MODES = ("DEFERRED", "IMMEDIATE", "EXCLUSIVE")
POSTGRESQL_BACKEND = "todo_project.database.postgresql"


def database(name: str, default: str, folder: Path) -> dict[str, Any]:
    """Django's settings for the database at a URL. A relative SQLite file lies in `folder`.

    No message repeats the URL, because it may hold a password.
    """
    url = text(name, default)
    if re.match(r"""psql\s|["']""", url):
        refuse(name, "must be the URL alone: leave out the word psql and the quotes around it")
    if not url.startswith(("postgresql://", "postgres://", "sqlite:///")):
        refuse(name, "must be a URL that starts with postgresql:// or sqlite:///")
    try:
        parsed: dict[str, Any] = postgresql(url) if url.startswith("postgres") else {**dj_database_url.parse(url)}
    except ValueError:
        refuse(name, "must look like postgresql://user:password@host:5432/name, with other characters %-encoded")
    if problem := option_problem(parsed):
        refuse(name, problem)
    if parsed["NAME"] in ("", ":memory:") or "\0" in parsed["NAME"]:
        refuse(name, "must name a database or a file, as in postgresql://host/name or sqlite:///db.sqlite3")
    if url.startswith("sqlite"):
        parsed["NAME"] = str(folder / parsed["NAME"])
    return parsed


def option_problem(parsed: dict[str, Any]) -> str:
    """What is wrong with the options in the URL: an unknown one would end the first connection in a traceback."""
    options = parsed.get("OPTIONS", {})
    known = known_to_postgresql() if parsed["ENGINE"] == POSTGRESQL_BACKEND else SQLITE_OPTIONS
    if unknown := sorted(set(options) - known):
        return f"has unknown options: {', '.join(unknown)}"
    for name in ("connect_timeout", "timeout", "prepare_threshold"):
        if name in options and not re.fullmatch(r"[0-9]{1,6}", str(options[name])):
            return f"has a {name} that is not a whole number"
    if str(options.get("transaction_mode", "DEFERRED")).upper() not in TRANSACTION_MODES:
        return f"has a transaction_mode that is not one of {', '.join(TRANSACTION_MODES)}"
    return ""


def known_to_postgresql() -> set[str]:
    # Imported here: the import takes longer than a whole health check on SQLite.
    from psycopg.pq import Conninfo

    return {*POSTGRESQL_OPTIONS, *(each.keyword.decode() for each in Conninfo.get_defaults())}


def postgresql(url: str) -> dict[str, Any]:
    """Parses as `dj_database_url.parse` does, and takes libpq's list of hosts (`host:port,host:port`) too.

    Raises ValueError.
    """
    # Not by urlsplit, which takes no second host before an IPv6 address.
    userinfo, at, hosts = re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")
    if "," not in hosts:
        return dict(dj_database_url.parse(url, POSTGRESQL_BACKEND))
    first = url.replace(userinfo + at + hosts, userinfo + at + hosts.split(",")[0], 1)
    parts = [urlsplit(f"//{host}") for host in hosts.split(",")]
    parsed = dj_database_url.parse(first, POSTGRESQL_BACKEND)
    return {
        **parsed,
        # One of several hosts takes writes, and after a failover it is another.
        "OPTIONS": {"target_session_attrs": "read-write", **parsed.get("OPTIONS", {})},
        "HOST": ",".join(part.hostname or "" for part in parts),
        "PORT": ",".join(str(part.port or 5432) for part in parts),
    }
