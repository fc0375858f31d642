"""The request target as the client sent it."""

import re

from django.http import HttpRequest

# A target may name the host before the path. Then that host counts, not the header (RFC 9112, 3.2.2).
ABSOLUTE_FORM = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


def sent_target(request: HttpRequest) -> str:
    """The target before any decoding. gunicorn keeps it in RAW_URI, waitress in REQUEST_URI; other servers lose it."""
    target: str = request.META.get("RAW_URI") or request.META.get("REQUEST_URI", "")
    return target
