"""Calendars (RFC 5545): the VTODOs of Nextcloud, Apple, Thunderbird, Tasks.org and others, and of our own export.

The library `icalendar` reads each property. The file is read a line at a time, since calendars have no bound: what is
not of a task is counted and forgotten.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from icalendar import vDDDTypes, vText
from icalendar.parser import Contentline, unescape_backslash

from tasks.identifiers import moment_of, parse_uuid
from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut
from tasks.interchange.foreign.words import SUBTASK
from tasks.interchange.lines import UnreadableError, lines, unreadable
