"""Readers of environment variables, one for each kind of value. A value that cannot be used ends the process."""

import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn

# The first segments of the service's own paths.
SEGMENTS = {"admin", "api", "docs", "favicon.ico", "health", "metrics", "openapi.json", "redoc", "static"}
BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def refuse(name: str, wants: str) -> NoReturn:
    sys.exit(f"{name} {wants}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks. A blank value counts as unset."""
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


def path_prefix(name: str) -> str:
    """What begins all paths. It does not begin like one of the service's own: nobody could tell the two apart."""
    value = text(name)
    segments = value.split("/")[1:]
    if value and (not re.fullmatch(r"(/[A-Za-z0-9._~-]{1,100}){1,10}", value) or {".", ".."} & {*segments}):
        refuse(
            name, f"must be a path such as /svc, of letters, digits and ._~- and without a / at its end, not {value!r}"
        )
    if SEGMENTS & {*segments[:1]}:
        refuse(name, f"must not begin with a path of the service, such as /{segments[0]}: use another, such as /svc")
    return value


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
