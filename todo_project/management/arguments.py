"""Types of arguments that belong to no app."""

import re
from argparse import ArgumentTypeError


def seconds(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value, re.ASCII):
        raise ArgumentTypeError(f"must be a number of seconds, such as 30, not {value!r}")
    return float(value)
