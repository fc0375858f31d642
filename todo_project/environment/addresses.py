"""Hosts as settings name them, and as URLs and sockets write them."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 -- compared with, not bound
HIGHEST_PORT = 65_535


def bracketed(host: str) -> str:
    """The host as it stands before a port: an IPv6 address takes brackets."""
    return f"[{host}]" if ":" in host else host


def local_url(host: str, port: int) -> str:
    """The URL at which this machine reaches a service that listens on the host."""
    return f"http://{bracketed('localhost' if host in WILDCARDS else host)}:{port}"
