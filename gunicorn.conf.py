"""gunicorn's settings, each with its reason. `gunicorn todo_project.wsgi` reads this file by itself."""

import functools
import gc
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string
from gunicorn import util

from todo_project import settings
from todo_project.environment.addresses import bracketed
from todo_project.server.listeners import refuse_connections
from todo_project.server.logger import ServiceLogger
from todo_project.server.refusals import write_error
from todo_project.server.request import NO_HOST

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
MEMORY = "/dev/shm"  # noqa: S108 -- gunicorn makes a new file in it

bind = f"{bracketed(settings.HOST)}:{settings.PORT}"
# A process computes on one core. The default, two, fits the smallest machines.
workers = settings.WEB_CONCURRENCY
# Threads, because psycopg and SQLite wait in C. A request gets one when it has arrived whole (todo_project/server/).
worker_class = "todo_project.server.worker.EpollWorker" if hasattr(select, "epoll") else "gthread"
# How many requests a process works at, at the most, each with its own database connection: usually two, and all of
# them where the database is far away. PostgreSQL accepts 100 connections by default.
threads = max(2, min(8, 64 // workers))
# Connections a process holds, most of them idle. Each takes a file descriptor, and the limit of those is often 1,024.
worker_connections = 900
# Seconds after which the master replaces a worker that gives no sign of life.
timeout = 30
# The most that gunicorn allows. A user id of 255 characters is up to 3,060 bytes; a longer one must still get its 422.
limit_request_line = 8190
# Seconds that a request has left after SIGTERM. Platforms usually send SIGKILL after 30.
graceful_timeout = 25
# Longer than the 60 s for which load balancers keep an idle connection: they close it first, so no request is lost.
keepalive = 75
# The control interface would listen on a socket in the home directory. Nothing here uses it.
control_socket_disable = True
# The application is loaded once, before the workers are forked: that halves the time to start and each worker's memory
# (docs/benchmarks.md).
preload_app = True
# Heartbeats go to memory: on a slow disk a late one would make the master kill a healthy worker.
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None
loglevel = settings.LOG_LEVEL.lower()


# With this, gunicorn's own workers answer errors in JSON too.
util.write_error = write_error


logger_class = ServiceLogger


def pre_request(worker: Any, request: Any) -> None:
    """For gunicorn's own workers. It replaces their hook, which logs the path if LOG_LEVEL is debug."""
    if all(name != "HOST" for name, _ in request.headers):
        request.headers.append(NO_HOST)


metrics_folder = ""
if settings.METRICS_TOKEN and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Worker processes share their metrics in files. prometheus_client reads this variable when it is imported.
    metrics_folder = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder


def post_fork(server: Any, worker: Any) -> None:
    worker.inherited_signals = server.SIG_QUEUE


def post_worker_init(worker: Any) -> None:
    """Obeys the signals that came after the fork but before the worker's own handlers, and sets up the process."""
    while not worker.inherited_signals.empty():
        # Nothing else reads that queue: the master would wait out graceful_timeout and then kill this process.
        if worker.inherited_signals.get() in ENDS:
            worker.alive = False
    # The other half answers the requests that do not need what these wait for.
    import_string("todo_project.database.postgresql.waits.long_waits").places = max(1, worker.cfg.threads // 2)
    if settings.HAS_AUTHENTICATION:
        # From now on this process refreshes the keys. Otherwise it would begin with its first request.
        import_string("todo_project.authentication.tokens.verifier")().source.current()


def child_exit(server: Any, worker: Any) -> None:
    """Removes an ended process from the gauges: it has no open connections and no requests in flight."""
    if settings.METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # why: half typed


def on_exit(server: Any) -> None:
    # A folder that PROMETHEUS_MULTIPROC_DIR named at the start is kept.
    if metrics_folder:
        shutil.rmtree(metrics_folder, ignore_errors=True)


def pre_exec(server: Any) -> None:
    """On USR2, `python -m gunicorn` starts again in that form: run by its file, gunicorn's http would hide Python's."""
    python, program, *arguments = server.START_CTX["args"]
    if program.endswith("__main__.py"):
        server.START_CTX["args"] = [python, "-m", "gunicorn", *arguments]


def when_ready(server: Any) -> None:
    # What is loaded by now stays loaded. Frozen, it is neither scanned by the collector with every list nor copied out
    # of the memory that the workers share.
    gc.collect()
    gc.freeze()
    server.stop = functools.partial(stop_without_resets, server, server.stop)


def stop_without_resets(server: Any, stop: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """The master's stop(), after its sockets refuse new connections. They do not if another process listens on them."""
    if not (server.systemd or server.master_pid or server.reexec_pid):
        try:
            for listener in server.LISTENERS:
                refuse_connections(listener.sock)
        except OSError as error:
            server.log.warning("A client that connects now may be reset: %s", error.strerror)
    stop(*args, **kwargs)


# No header changes the path or the scheme here. Django's settings say which header of a proxy counts.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# No such header is believed, so gunicorn need not check who sent it: a seventh of what it does for a request.
forwarded_allow_ips = "*"
