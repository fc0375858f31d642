from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True)
class Finding:
    """`advice` says what to do, and is empty if all is well."""

    check: str
    level: Level
    message: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(check: str, message: str) -> Finding:
    return Finding(check, "ok", message)


def warning(check: str, message: str, advice: str) -> Finding:
    return Finding(check, "warning", message, advice)


def fault(check: str, message: str, advice: str) -> Finding:
    return Finding(check, "fault", message, advice)
