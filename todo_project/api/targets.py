"""The request target as the client sent it."""

import re

from django.conf import settings
from django.http import HttpRequest

# A target may name the host before the path. Then that host counts, not the header (RFC 9112, 3.2.2).
ABSOLUTE_FORM = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


def sent_target(request: HttpRequest) -> str:
    """The target before any decoding. gunicorn keeps it in RAW_URI, waitress in REQUEST_URI; other servers lose it."""
    target: str = request.META.get("RAW_URI") or request.META.get("REQUEST_URI", "")
    return target


def without_prefix(path: str) -> str:
    """The path below SCRIPT_NAME. A path that begins otherwise stays: the proxy has taken the prefix off."""
    is_below = f"{path}/".startswith(f"{settings.SCRIPT_NAME}/")
    return path.removeprefix(settings.SCRIPT_NAME) or "/" if is_below else path
