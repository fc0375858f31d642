"""Asks the service on this machine whether it lives: `python -m todo_project.server.healthcheck` exits with 0 or 1."""

import http.client
import sys

from todo_project import settings
from todo_project.environment.addresses import WILDCARDS


def host_header() -> str:
    """A name that the service answers to. `.example.com` and `*` stand for many names; this gives one of them."""
    return settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost"


def is_healthy() -> bool:
    address = "127.0.0.1" if settings.HOST in WILDCARDS else settings.HOST
    connection = http.client.HTTPConnection(address, settings.PORT, timeout=4)
    try:
        connection.request("GET", "/health", headers={"Host": host_header()})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy())
