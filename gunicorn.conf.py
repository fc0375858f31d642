"""How gunicorn serves the service; `gunicorn todo_project.wsgi` reads it by itself. Each setting has its reason."""

import functools
import gc
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Callable
from typing import Any

from gunicorn import util

from todo_project import settings
from todo_project.environment.addresses import bracketed
from todo_project.server.listeners import refuse_connections
from todo_project.server.logger import ServiceLogger
from todo_project.server.refusals import write_error

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
MEMORY = "/dev/shm"  # noqa: S108 -- gunicorn makes a file of its own in it

bind = f"{bracketed(settings.HOST)}:{settings.PORT}"
# One process computes on one core; twice the default fits the smallest machines.
workers = settings.WEB_CONCURRENCY
# Threads, since psycopg and SQLite wait in C; a request gets one once it is here as a whole (todo_project/server/).
worker_class = "todo_project.server.worker.EpollWorker" if hasattr(select, "epoll") else "gthread"
# The most requests that a process works at, each with a database connection of its own: two as a rule, and all of
# them where the database is far away. PostgreSQL takes 100 connections as it comes.
threads = max(2, min(8, 64 // workers))
# Connections a process holds, most of them idle; each costs a file descriptor, of which there are often 1,024.
worker_connections = 900
# A worker that does not answer its master for this long, in seconds, is replaced.
timeout = 30
# The most that gunicorn takes: a user id of 255 characters is up to 3,060 bytes, and one that is longer gets its 422.
limit_request_line = 8190
# What SIGTERM leaves a request under way, in seconds; platforms send SIGKILL after 30 as a rule.
graceful_timeout = 25
# Longer than the 60 s that load balancers keep an idle connection: they, not we, close it, so no request is lost.
keepalive = 75
# The control interface would listen on a socket in the home directory, which nobody here asks for.
control_socket_disable = True
# Loaded once, before the workers are forked: half the start, and half the memory of each (docs/benchmarks.md).
preload_app = True
# Where a disk is slow to write, a heartbeat in memory keeps a worker from being taken for dead.
worker_tmp_dir = MEMORY if os.path.isdir(MEMORY) else None
loglevel = settings.LOG_LEVEL.lower()


# gunicorn's own workers answer errors in JSON too.
util.write_error = write_error


logger_class = ServiceLogger


def pre_request(worker: Any, request: Any) -> None:
    """In place of gunicorn's, which logs the path where LOG_LEVEL is debug."""


metrics_folder = ""
if settings.METRICS_TOKEN and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Worker processes share their metrics in files, which prometheus_client must know of before it is imported.
    metrics_folder = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder


def post_fork(server: Any, worker: Any) -> None:
    worker.inherited_signals = server.SIG_QUEUE


def post_worker_init(worker: Any) -> None:
    """Heeds the signals that came between the fork and the worker's own handlers, where the master's put them."""
    while not worker.inherited_signals.empty():
        # Nobody else looks there: the master would wait for all of graceful_timeout, and kill this process then.
        if worker.inherited_signals.get() in ENDS:
            worker.alive = False


def child_exit(server: Any, worker: Any) -> None:
    """What an ended process had open or under way counts no more."""
    if settings.METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # why: half typed


def on_exit(server: Any) -> None:
    # The one that is made here; a folder that was there before is its owner's.
    if metrics_folder:
        shutil.rmtree(metrics_folder, ignore_errors=True)


def pre_exec(server: Any) -> None:
    """USR2: what `python -m gunicorn` was starts again as that; by its file gunicorn's http would hide Python's."""
    python, program, *arguments = server.START_CTX["args"]
    if program.endswith("__main__.py"):
        server.START_CTX["args"] = [python, "-m", "gunicorn", *arguments]


def when_ready(server: Any) -> None:
    # What is loaded stays: the collector need not look at it with every list, nor copy it out of the shared memory.
    gc.collect()
    gc.freeze()
    server.stop = functools.partial(stop_without_resets, server, server.stop)


def stop_without_resets(server: Any, stop: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """The master's stop; its sockets first refuse new connections, unless somebody else goes on listening on them."""
    if not (server.systemd or server.master_pid or server.reexec_pid):
        try:
            for listener in server.LISTENERS:
                refuse_connections(listener.sock)
        except OSError as error:
            server.log.warning("A connection that comes now may be reset: %s", error.strerror)
    stop(*args, **kwargs)


# No header decides what the path or the scheme is: what a proxy may say is a setting of Django's, or nothing.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# Since nobody's are believed, gunicorn need not find out whose they are: a seventh of what it does for a request.
forwarded_allow_ips = "*"
