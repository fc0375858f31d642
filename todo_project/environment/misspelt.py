"""Variables that nothing reads and that look like one that is read: a slip would have the default apply in silence."""

import os
import re
import sys
from collections.abc import Iterable, Iterator

from todo_project.environment import readers

# The environment is full of other programs' variables. Of these only those that begin like ours are looked at.
BEGINNINGS = re.compile(
    "ALLOW|AUTH|CORS|CSRF|DATABASE|JW|LOCK|LOG|METRIC|PROXY|SCRIPT|SECRET|STATEMENT|WEB_", re.IGNORECASE
)
# Read by the tests, by gunicorn and by prometheus_client.
OTHERS = {"TEST_DATABASE_URL", "TEST_CITUS_URL", "GUNICORN_CMD_ARGS", "PROMETHEUS_MULTIPROC_DIR", "FORWARDED_ALLOW_IPS"}
# JWKS_URL is as like AUTH_JWKS_URL as that. DATABASE_URL_UNPOOLED, which Neon's integrations set, is less like.
LIKENESS = 0.75


def warn(in_file: Iterable[str]) -> None:
    """Writes one line to stderr for each such variable of the environment, and of `.env`, whose names are `in_file`."""
    for name, meant in misspelt(in_file):
        print(f"{name} is unknown and has no effect: is {meant} meant?", file=sys.stderr)


def misspelt(in_file: Iterable[str]) -> Iterator[tuple[str, str]]:
    begin_alike = (name for name, value in os.environ.items() if value.strip() and BEGINNINGS.match(name))
    names = sorted({*in_file, *begin_alike} - readers.known - OTHERS)
    if not names:
        return
    from difflib import get_close_matches

    for name in names:
        for meant in get_close_matches(name.upper(), readers.known, 1, LIKENESS):
            yield name, meant
