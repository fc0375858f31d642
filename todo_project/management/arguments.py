"""Types of arguments that belong to no app."""

import os
import re
from argparse import ArgumentTypeError
from datetime import timedelta

from todo_project.api.user_ids import user_id_problems

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def utf8(value: str) -> str:
    """The argument's bytes as UTF-8, as in the API's path. In some locales Python took them for other characters."""
    return os.fsencode(value).decode(errors="surrogateescape")


def user_id(value: str) -> str:
    value = utf8(value)
    for problem in user_id_problems(value):
        raise ArgumentTypeError(problem["msg"])
    return value


def lifetime(value: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,5})([smhd])", value, re.ASCII)
    if not match or not int(match[1]):
        raise ArgumentTypeError(f"must be a number with s, m, h or d behind it, such as 15m or 12h, not {value!r}")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def seconds(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value, re.ASCII):
        raise ArgumentTypeError(f"must be a number of seconds, such as 30, not {value!r}")
    return float(value)
