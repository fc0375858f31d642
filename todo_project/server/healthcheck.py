"""Asks the service on this machine whether it lives: `python -m todo_project.server.healthcheck` exits with 0 or 1.

It asks where the service listens by the same environment: HOST and PORT, or the first bind of GUNICORN_CMD_ARGS.
"""

import http.client
import socket
import sys

from gunicorn.config import Config

from todo_project import settings

# The addresses at which a socket that is bound to every address can be reached.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104 -- compared with, not bound
SECONDS = 4


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket. Its host is the path of the socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def bound_address() -> str | tuple[str, int]:
    """The path of a Unix socket, or the host and port."""
    config = Config()
    config.set("bind", config.parser().parse_args(config.get_cmd_args_from_env()).bind or [])
    address = next(iter(config.address), None)
    # A number is an inherited descriptor, and only the process that opened it knows its address.
    return address if isinstance(address, str | tuple) else (settings.HOST, settings.PORT)


def connection_to(address: str | tuple[str, int]) -> http.client.HTTPConnection:
    if isinstance(address, str):
        return UnixConnection(address, timeout=SECONDS)
    host, port = address
    return http.client.HTTPConnection(LOOPBACK.get(host, host), port, timeout=SECONDS)


def is_healthy() -> bool:
    connection = connection_to(bound_address())
    try:
        # Any host would do, but not the path of a socket.
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy())
