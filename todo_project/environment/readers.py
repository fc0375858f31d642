"""Readers of environment variables, one for each kind of value. A value that cannot be used ends the process."""

import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlsplit

from todo_project.environment.addresses import HIGHEST_PORT

BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
DEFAULT_PORTS = {"http": 80, "https": 443}
# A shell and `.env` drop these. Docker's --env-file keeps them, and so do the pages of some platforms.
QUOTED = re.compile("""(['"]).*\\1|[\u2018-\u201d].*[\u2018-\u201d]""", re.DOTALL)
COMMENT = re.compile("[ \t]#")
# The names that the settings asked for.
known: set[str] = set()
ORIGINS = "origins without a path, such as https://app.example.com"


def refuse(name: str, wants: str) -> NoReturn:
    sys.exit(f"{name} {wants}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks. A blank value counts as unset."""
    known.add(name)
    value = os.environ.get(name, "").strip()
    # Python puts surrogates in place of bytes that are not UTF-8.
    if re.search("[\ud800-\udfff]", value):
        refuse(name, "must be UTF-8")
    if QUOTED.fullmatch(value):
        refuse(name, "has quotes around its value: leave them out")
    if COMMENT.search(value):
        refuse(name, "has a comment behind its value: leave it out")
    return value or default


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
    whole = text(name, default)
    values = [item.strip() for item in whole.split(",") if item.strip()]
    for value in values or ([whole] if whole else []):
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
    """Origins as browsers send them: in lower case, and without the scheme's default port."""
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
        refuse(name, "must have 16 characters or more, all of them visible ASCII")
    return value
