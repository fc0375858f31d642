"""gunicorn's worker: its main thread takes in connections; the others wait, on one epoll, for what comes on them."""

import os
import select
import socket
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from logging import Logger

from gunicorn.config import Config
from gunicorn.workers.base import Worker

from todo_project.database.permits import computing
from todo_project.server.acceptor import TICK_SECONDS, Acceptor
from todo_project.server.connection import Connection
from todo_project.server.connections import Connections

GONE = select.EPOLLHUP | select.EPOLLERR


class EpollWorker(Worker):  # type: ignore[misc]  # why: an untyped library
    alive: bool

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:
        if cfg.is_ssl:
            sys.exit("This worker speaks plain HTTP: let a proxy end TLS, or set --worker-class gthread.")

    def init_process(self) -> None:
        # As plain attributes: gunicorn's own look-up of a setting is a fifth of what it does for a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        self.connections = Connections(self)
        # Threads that wait; and connections with requests that were read while none did.
        self.idle: deque[bool] = deque()
        self.parked: deque[Connection] = deque()
        self.next_look = 0.0
        super().init_process()

    # The main thread.

    def run(self) -> None:
        acceptor = Acceptor(self.sockets, self.PIPE[0], self.connections)
        for _ in range(self.cfg.threads):
            threading.Thread(target=self.serve, daemon=True).start()
        while self.alive and self.ppid == os.getppid():
            acceptor.wait(self.look_after)
            self.look_after()
        self.alive = False
        acceptor.close()
        end = time.monotonic() + self.cfg.graceful_timeout
        self.connections.release_again()
        while self.connections.all and time.monotonic() < end:
            self.look_after()
            time.sleep(0.05)

    def look_after(self) -> None:
        """Every quarter of a second: a heartbeat, deadlines, and liveness while no thread waits."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + TICK_SECONDS
        self.notify()
        if not self.idle:
            # An orchestrator kills what does not say that it lives, while all that is wrong is the database.
            for descriptor, event in self.connections.epoll.poll(0, len(self.connections.all) + 1):
                self.on_event(descriptor, event, only_liveness=True)
        self.connections.tidy(now)

    # The threads.

    def serve(self) -> None:
        try:
            while True:
                computing.acquire()
                self.idle.append(True)
                events = self.connections.epoll.poll(0 if self.parked else TICK_SECONDS, 1)
                self.idle.pop()
                for descriptor, event in events:
                    self.on_event(descriptor, event)
                with suppress(IndexError):
                    while True:
                        self.go_on(self.parked.popleft())
        except Exception:
            # With a thread less the worker would serve less, and none in the end: the master makes a new one.
            self.log.exception("A thread has failed")
            self.alive = False

    def on_event(self, descriptor: int, event: int, *, only_liveness: bool = False) -> None:
        conn = self.connections.waiting.get(descriptor)
        if conn is None or not self.connections.claim(conn):
            return
        # What somebody has asked who has gone since is not done.
        is_reset = event & GONE and conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if is_reset or not conn.receive():
            self.connections.close(conn)
        elif only_liveness and conn.is_ready and not conn.asks_liveness:
            self.parked.append(conn)
        else:
            self.go_on(conn)

    def go_on(self, conn: Connection) -> None:
        if not conn.is_ready or conn.respond():
            self.connections.release(conn)
        else:
            self.connections.close(conn)

    def count_request(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            # gunicorn's setting for replacing a worker now and then.
            self.alive = False

    def ends_connections(self) -> bool:
        """Whether an answer ends its connection, whatever the client wants."""
        return not self.alive or self.connections.is_nearly_full
