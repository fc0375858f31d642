"""The query string: each operation declares its parameters, and this reads them strictly, each given once at most."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from rest_framework.request import Request

from todo_project.api.fields import SURROGATE, WORD, trimmed
from todo_project.api.problems import Invalid, problem
from todo_project.api.times import LAST_MOMENT, MICROSECOND, parse_moment

Pairs = list[tuple[str, str]]


class UnreadableError(ValueError):
    """The text of a parameter is not what it should be. `type` is Pydantic's name for that."""

    def __init__(self, msg: str, type: str = "value_error") -> None:
        super().__init__(msg)
        self.type = type


@dataclass(frozen=True)
class QueryParameter:
    """`read` makes the value of the text, or raises UnreadableError. The rest is for the OpenAPI document."""

    name: str
    read: Callable[[str], Any]
    description: str
    schema: dict[str, Any]
    example: Any


def pairs_of(request: Request) -> Pairs:
    """The names and values as they were sent. Bytes that are not UTF-8 come as lone surrogates."""
    text = request.META.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "surrogateescape")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def read_query(pairs: Pairs, parameters: Sequence[QueryParameter], *, allows_unknown: bool) -> dict[str, Any]:
    """The values by name, of those that were sent. Raises Invalid with what is wrong with any of them."""
    if not pairs:
        return {}
    values: dict[str, Any] = {}
    problems = []
    names = [name for name, _ in pairs]
    for parameter in parameters:
        if parameter.name in names:
            try:
                values[parameter.name] = read_once(pairs, parameter)
            except UnreadableError as error:
                problems.append(problem(["query", parameter.name], str(error), error.type))
    if not allows_unknown:
        known = {parameter.name for parameter in parameters}
        unknown = [name for name in dict.fromkeys(names) if name not in known]
        problems += [
            problem(["query", SURROGATE.sub("\ufffd", name)], "Extra inputs are not permitted", "extra_forbidden")
            for name in unknown
        ]
    if problems:
        raise Invalid(*problems)
    return values


def read_once(pairs: Pairs, parameter: QueryParameter) -> Any:
    value, *others = [value for name, value in pairs if name == parameter.name]
    if others:
        raise UnreadableError("The parameter is given more than once")
    if SURROGATE.search(value):
        raise UnreadableError("The text is not UTF-8")
    return parameter.read(value)


def boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise UnreadableError("Input should be true or false", "bool_parsing")
    return text == "true"


def integer(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
            raise UnreadableError("Input should be a valid integer", "int_parsing")
        # The length first: int() refuses thousands of digits in its own words.
        if len(text) > 20 or not minimum <= int(text) <= maximum:
            raise UnreadableError(f"Input should be between {minimum} and {maximum}")
        return int(text)

    return read


def choice(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise UnreadableError(f"Input should be one of {', '.join(names)}", "enum")
        return text

    return read


def words(max_length: int, max_count: int) -> Callable[[str], str]:
    """Text of one word or more, without the white space around it."""

    def read(text: str) -> str:
        text = trimmed(text)
        found = WORD.findall(text)
        if not found:
            raise UnreadableError("String should have at least 1 character", "string_too_short")
        if len(text) > max_length:
            raise UnreadableError(f"String should have at most {max_length} characters", "string_too_long")
        if "\0" in text:
            raise UnreadableError("Null characters are not allowed.")
        if len(found) > max_count:
            raise UnreadableError(f"Text should have at most {max_count} words", "too_long")
        return text

    return read


def moment(text: str) -> datetime:
    """The moment in UTC that an RFC 3339 time names, cut to the microsecond."""
    found = parse_moment(text)
    if found is None:
        raise UnreadableError(
            "Input should be an RFC 3339 time such as 2026-01-31T12:00:00Z, with a + written as %2B", "datetime_parsing"
        )
    return found


def moment_rounded_up(text: str) -> datetime:
    """As `moment`, or a microsecond later where something was cut: what lies before it lies before the text's time."""
    found = moment(text)
    is_cut = re.search(r"\.[0-9]{6}[0-9]*[1-9]", text)
    return found + MICROSECOND if is_cut and found < LAST_MOMENT else found
