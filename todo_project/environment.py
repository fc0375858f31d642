"""Readers of environment variables; a value that cannot be used ends the process with one sentence."""

import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import dj_database_url
from dotenv import dotenv_values

BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 -- compared with, not bound
LINE_END = "\n"
# Django's own that a URL can say, beside libpq's.
POSTGRESQL_OPTIONS = {"assume_role", "server_side_binding", "prepare_threshold"}
SQLITE_OPTIONS = {"timeout", "init_command", "transaction_mode"}
TRANSACTION_MODES = ("DEFERRED", "IMMEDIATE", "EXCLUSIVE")
DEFAULT_PORTS = {"http": 80, "https": 443}
HIGHEST_PORT = 65_535
ORIGINS = "origins without a path, such as https://app.example.com"
POSTGRESQL_BACKEND = "todo_project.postgresql"


def load(env_file: Path) -> None:
    """What the file says and the environment does not; a blank value says nothing. A $ in the file is a $."""
    try:
        for name, value in dotenv_values(env_file, interpolate=False).items():
            if "\0" in f"{name}{value}" or "=" in name:
                sys.exit(f"{env_file} cannot be read: a line of it can be no variable of the environment.")
            if value and not text(name):
                os.environ[name] = value
    except OSError as error:
        sys.exit(f"{env_file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        sys.exit(f"{env_file} cannot be read: it is not UTF-8.")


def refuse(name: str, wants: str) -> NoReturn:
    sys.exit(f"{name} {wants}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks; a blank one counts as unset."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value and value not in BOOLEANS:
        refuse(name, f"must be one of {', '.join(BOOLEANS)}, not {value!r}")
    return BOOLEANS.get(value, default)


def integer(name: str, default: int, lowest: int, highest: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
        refuse(name, f"must be a whole number from {lowest} to {highest}, not {value!r}")
    return int(value)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default).lower()
    if value not in choices:
        refuse(name, f"must be one of {', '.join(choices)}, not {value!r}")
    return value


def bind_address(name: str, default: str) -> str:
    value = text(name, default)
    if not re.fullmatch(r"[A-Za-z0-9_.-]+|(?:[0-9a-fA-F]*:){2,}[0-9a-fA-F:.]*", value):
        refuse(name, f"must be a host name or an IP address to listen on, not {value!r}")
    return value


def items(name: str, default: str, fits: Callable[[str], object], wants: str) -> list[str]:
    """A list separated by commas."""
    said = text(name, default)
    values = [item.strip() for item in said.split(",") if item.strip()]
    for value in values or ([said] if said else []):
        if not fits(value):
            refuse(name, f"must be a comma-separated list of {wants}, not {value!r}")
    return values


def hosts(name: str, default: str) -> list[str]:
    pattern = re.compile(r"\*|\.?[A-Za-z0-9_.-]+|\[[0-9a-fA-F:.]+\]")
    return items(name, default, pattern.fullmatch, "host names without scheme, port or path, such as api.example.com")


def is_origin(value: str) -> bool:
    match = re.fullmatch(r"https?://(?:[A-Za-z0-9_.-]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?", value)
    return match is not None and int(match[1] or 0) <= HIGHEST_PORT


def origins(name: str) -> list[str]:
    """As browsers send them: in lower case, and without the port that goes without saying."""
    parts = [urlsplit(value.lower()) for value in items(name, "", is_origin, ORIGINS)]
    return [f"{each.scheme}://{each.netloc.removesuffix(f':{DEFAULT_PORTS[each.scheme]}')}" for each in parts]


def header(name: str) -> str:
    value = text(name)
    if value and not re.fullmatch(r"[A-Za-z0-9-]+", value):
        refuse(name, f"must be the name of a header, such as X-Forwarded-Proto, not {value!r}")
    return value


def token(name: str) -> str:
    value = text(name)
    if value and not re.fullmatch(r"[!-~]{16,}", value):
        refuse(name, "must have 16 characters or more, of visible ASCII alone")
    return value


def database(name: str, default: str, folder: Path) -> dict[str, Any]:
    """Django's settings of the database at a URL; a relative SQLite file is one in `folder`.

    No message repeats the URL: it holds a password.
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
    """What is wrong with the options behind the URL; an unknown one would end the first connection in a traceback."""
    options = parsed.get("OPTIONS", {})
    known = known_to_postgresql() if parsed["ENGINE"] == POSTGRESQL_BACKEND else SQLITE_OPTIONS
    if unknown := sorted(set(options) - known):
        return f"has options that are not known: {', '.join(unknown)}"
    for name in ("connect_timeout", "timeout", "prepare_threshold"):
        if name in options and not re.fullmatch(r"[0-9]{1,6}", str(options[name])):
            return f"has a {name} that is no whole number"
    if str(options.get("transaction_mode", "DEFERRED")).upper() not in TRANSACTION_MODES:
        return f"has a transaction_mode that is not one of {', '.join(TRANSACTION_MODES)}"
    return ""


def known_to_postgresql() -> set[str]:
    # Imported here: it takes longer than all else that a health check on SQLite does.
    from psycopg.pq import Conninfo

    return {*POSTGRESQL_OPTIONS, *(each.keyword.decode() for each in Conninfo.get_defaults())}


def postgresql(url: str) -> dict[str, Any]:
    """As `dj_database_url.parse`, with libpq's list of hosts (`host:port,host:port`) too. Raises ValueError."""
    # Not by urlsplit: of an IPv6 address, it takes no other before it.
    userinfo, at, hosts = re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")
    if "," not in hosts:
        return dict(dj_database_url.parse(url, POSTGRESQL_BACKEND))
    first = url.replace(userinfo + at + hosts, userinfo + at + hosts.split(",")[0], 1)
    parts = [urlsplit(f"//{host}") for host in hosts.split(",")]
    parsed = dj_database_url.parse(first, POSTGRESQL_BACKEND)
    return {
        **parsed,
        # Of several hosts one takes writes; after a failover it is another.
        "OPTIONS": {"target_session_attrs": "read-write", **parsed.get("OPTIONS", {})},
        "HOST": ",".join(part.hostname or "" for part in parts),
        "PORT": ",".join(str(part.port or 5432) for part in parts),
    }


def secret_key(name: str, env_file: Path, *, may_be_made: bool) -> str:
    """The key; where it may be made, a random one is kept in `env_file`, which its owner alone may read."""
    key = text(name)
    if not key and not may_be_made:
        refuse(name, "must be set to 50 random characters where the database is PostgreSQL or HOST is not loopback")
    if not key:
        key = secrets.token_urlsafe(50)
        append_secret(env_file, name, key)
    if len(key) < 50 or len(set(key)) < 5:
        refuse(name, "must have 50 random characters or more")
    return key


def append_secret(env_file: Path, name: str, value: str) -> None:
    try:
        descriptor = os.open(env_file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a+", encoding="utf-8") as file:
            env_file.chmod(0o600)
            file.seek(0)
            before = file.read()
            file.write(f"{'' if before[-1:] in ('', LINE_END) else LINE_END}{name}={value}{LINE_END}")
    except OSError as error:
        refuse(name, f"is not set, and a random one cannot be kept in {env_file.name}: {error.strerror}")
