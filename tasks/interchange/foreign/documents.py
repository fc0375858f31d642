"""JSON documents that are read as a whole, and their members, of which none need be there or be what it should."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from tasks.interchange.lines import UnreadableError
from tasks.interchange.times import parse_time

MOST_MEGABYTES = 64
FIRST_YEAR = 1900
Members = Mapping[str, Any]


def load(file: BinaryIO) -> Any:
    """Raises UnreadableError for what is not JSON, or is too large to be read as a whole."""
    text = file.read(MOST_MEGABYTES * 2**20 + 1)
    if len(text) > MOST_MEGABYTES * 2**20:
        raise UnreadableError(f"The file is larger than {MOST_MEGABYTES} MiB: split it")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return load_leniently(text, error)


def load_leniently(text: bytes, error: orjson.JSONDecodeError) -> Any:
    """With the lone surrogates that programs make where they cut a text inside a character."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError(f"The file is not whole JSON: {error}") from None


def objects(value: Any) -> Iterator[Members]:
    """The objects in a list; none of anything else."""
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def text_of(members: Any, name: str) -> str:
    value = members.get(name) if isinstance(members, Mapping) else None
    return value if isinstance(value, str) else ""


def key_of(members: Members) -> str:
    """The id as text, whether it is one or a number; empty if there is none."""
    value = members.get("id")
    return str(value) if isinstance(value, str | int) else ""


def moment_of(members: Members, name: str) -> datetime | None:
    """None also for the year 1, by which some programs mean that there is no time."""
    moment = parse_time(text_of(members, name))
    return moment if moment and moment.year >= FIRST_YEAR else None
