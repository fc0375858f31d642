"""What stands for the Host of a request that names none."""

from typing import Any

# An empty one, which ALLOWED_HOSTS never has. WSGI would take the address that the server listens on.
NO_HOST = ("HOST", "")


def declare_host(request: Any) -> None:
    """For gunicorn's own workers: their parser asks for no Host, and ours adds NO_HOST by itself."""
    if all(name != "HOST" for name, _ in request.headers):
        request.headers.append(NO_HOST)
