"""Readers of environment variables, one for each kind of value. A value that cannot be used ends the process."""

import ipaddress
import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn

# The first segments of the service's own paths.
SEGMENTS = {"admin", "api", "docs", "favicon.ico", "health", "metrics", "openapi.json", "redoc", "static"}
BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
# A shell and `.env` drop these. Docker's --env-file keeps them, and so do the pages of some platforms.
QUOTED = re.compile("""(['"]).*\\1|[\u2018-\u201d].*[\u2018-\u201d]""", re.DOTALL)
COMMENT = re.compile("[ \t]#")
UNREADABLE = "has characters that this locale cannot read: set PYTHONUTF8=1"
# The names that the settings asked for.
known: set[str] = set()
HOSTS = (
    "host names without scheme, port or path, such as api.example.com, or .example.com for all names below it; an IPv6 "
    "address in brackets, and a name with other letters as xn--"
)
# Well-known headers of proxies that never are "https", and two that WSGI names otherwise.
SAY_NO_SCHEME = {
    "cf-visitor",
    "content-length",
    "content-type",
    "forwarded",
    "front-end-https",
    "host",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-ssl",
    "x-real-ip",
}


def refuse(name: str, wants: str) -> NoReturn:
    sys.exit(f"{name} {wants}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding blanks. A blank value counts as unset."""
    known.add(name)
    value = os.environ.get(name, "").strip()
    # Python puts surrogates in place of bytes that are not UTF-8.
    if re.search("[\ud800-\udfff]", value):
        refuse(name, "must be UTF-8" if sys.getfilesystemencoding() == "utf-8" else UNREADABLE)
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
    value = text(name, default).lower()
    if not (is_host_name(value) or is_address(value, 6)):
        refuse(name, f"must be a host name or an IP address to listen on, not {value!r}")
    return value


def is_host_name(value: str) -> bool:
    """IPv4 addresses are such names too. Python's sockets refuse a label of over 63 characters, and an empty one."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*", value))


def is_address(value: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(value).version == version and "%" not in value
    except ValueError:
        return False


def items(name: str, default: str, fits: Callable[[str], object], wants: str) -> list[str]:
    """A list separated by commas."""
    whole = text(name, default)
    values = [item.strip() for item in whole.split(",") if item.strip()]
    for value in values or ([whole] if whole else []):
        if not fits(value):
            refuse(name, f"must be a comma-separated list of {wants}, not {value!r}")
    return values


def hosts(name: str, default: str) -> list[str]:
    """Names as Django compares them with the Host: without a dot at the end, an IPv6 address in its shortest form."""
    return [allowed_host(value) for value in items(name, default, is_allowed_host, HOSTS)]


def is_allowed_host(value: str) -> bool:
    if value.startswith("["):
        return value.endswith("]") and is_address(value[1:-1], 6)
    return value == "*" or is_host_name(value.removeprefix(".").removesuffix("."))


def allowed_host(value: str) -> str:
    if value.startswith("["):
        return f"[{ipaddress.ip_address(value[1:-1])}]"
    return value.removesuffix(".").lower()


def header(name: str) -> str:
    value = text(name)
    if value and not re.fullmatch(r"[A-Za-z0-9-]{1,100}", value):
        refuse(name, f"must be the name of a header, such as X-Forwarded-Proto, not {value!r}")
    if value.lower() in SAY_NO_SCHEME:
        refuse(name, f"must be a header that is https or http, such as X-Forwarded-Proto: {value} is something else")
    return value


def token(name: str) -> str:
    value = text(name)
    if value and not re.fullmatch(r"[!-~]{16,1024}", value):
        refuse(name, "must have 16 to 1,024 characters, all of them visible ASCII")
    return value
