"""Recognizes the format of a file by its suffix, and by its content where the suffix does not tell."""

import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tasks.interchange.arrays import is_array
from tasks.interchange.encodings import CHUNK, Chunks
from tasks.interchange.tables import names_columns

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".ics": "ics", ".ical": "ics"}
CALENDAR = re.compile(rb"\s*BEGIN:(VCALENDAR|VTODO)\b", re.IGNORECASE)
TODOIST = re.compile(rb"\s*\"?TYPE\"?,\"?CONTENT\"?,")
GOOGLE = re.compile(rb'"kind"\s*:\s*"tasks#|"status"\s*:\s*"needsAction"')
MEMBER = re.compile(rb'"([^"\\]{1,60})"\s*:')
MICROSOFT = {b"@odata.context", b"@odata.etag", b"@odata.nextLink", b"createdDateTime", b"wellknownListName"}
VIKUNJA = {b"percent_done", b"hex_color", b"done_at"}


def beginning(file: io.BufferedReader) -> tuple[bytes, io.BufferedReader]:
    """The first bytes, and the file from its start. It waits for all of them, and then for what a pipe has."""
    head = file.read(CHUNK)
    rest: Iterator[bytes] = iter(lambda: file.read1(CHUNK), b"")
    return head, io.BufferedReader(Chunks(chain([head], rest)), CHUNK)


def format_by_suffix(name: str) -> str | None:
    """jsonl for tasks.jsonl and for tasks.jsonl.gz; None for an unknown suffix."""
    return SUFFIXES.get(Path(name.lower().removesuffix(".gz")).suffix)


def format_of(name: str, head: bytes) -> str | None:
    """None where neither the name nor the content tells."""
    match format_by_suffix(name):
        case "jsonl":
            return "json" if is_array(head) else "jsonl"
        case "csv":
            return "todoist" if TODOIST.match(head) else "csv"
        case None:
            return format_by_content(head)
        case known:
            return known


def format_by_content(head: bytes) -> str | None:
    if CALENDAR.match(head):
        return "ics"
    if head.lstrip()[:1] in (b"{", b"["):
        return json_format(head)
    if TODOIST.match(head):
        return "todoist"
    lines = head.lstrip().splitlines()[:1]
    return "csv" if lines and names_columns(lines[0].decode(errors="replace")) else None


def json_format(head: bytes) -> str | None:
    members = set(MEMBER.findall(head))
    if GOOGLE.search(head):
        return "google"
    if members & MICROSOFT:
        return "microsoft"
    if members & VIKUNJA:
        return "vikunja"
    if is_array(head):
        return "json"
    return "jsonl" if {b"id", b"title"} <= members else None
