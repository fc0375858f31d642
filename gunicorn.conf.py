"""How gunicorn serves the service; `gunicorn todo_project.wsgi` reads it by itself. Each setting has its reason."""

import gc
import os
import select
from typing import Any

from todo_project import settings

MEMORY = "/dev/shm"  # noqa: S108 -- gunicorn makes a file of its own in it

bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
# One process computes on one core; twice the default fits the smallest machines.
workers = settings.WEB_CONCURRENCY
# Threads, since psycopg and SQLite wait in C; a request gets one once it is here as a whole (todo_project/worker.py).
worker_class = "todo_project.worker.EpollThreadWorker" if hasattr(select, "epoll") else "gthread"
# Two let one request compute while another waits for the database; four were slower (docs/design.md).
threads = 2
# Connections a process holds, most of them idle; each costs a file descriptor, of which there are often 1,024.
worker_connections = 900
# A worker that does not answer its master for this long, in seconds, is replaced.
timeout = 30
# What SIGTERM leaves a request under way, in seconds; platforms send SIGKILL after 30 as a rule.
graceful_timeout = 25
# Longer than the 60 s that load balancers keep an idle connection: they, not we, close it, so no request is lost.
keepalive = 75
# The control interface would listen on a socket in the home directory, which nobody here asks for.
control_socket_disable = True
# Where a disk is slow to write, a heartbeat in memory keeps a worker from being taken for dead.
worker_tmp_dir = MEMORY if os.path.isdir(MEMORY) else None
loglevel = settings.LOG_LEVEL.lower()


def post_worker_init(worker: Any) -> None:
    """What was loaded stays: the collector need not look at it again with every list."""
    gc.freeze()


# No header decides what the path or the scheme is: what a proxy may say is a setting of Django's, or nothing.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
