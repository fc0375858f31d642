"""gunicorn's worker: its main thread accepts connections, and the others wait on one epoll for their events."""

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
        # Plain attributes save gunicorn's look-up of settings, which is a fifth of what it does for a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        self.connections = Connections(self)
        # An entry for each thread that waits; and the connections with requests that were read while none did.
        self.idle: deque[bool] = deque()
        self.parked: deque[Connection] = deque()
        self.next_tick = 0.0
        super().init_process()

    # The main thread.

    def run(self) -> None:
        acceptor = Acceptor(self.sockets, self.PIPE[0], self.connections)
        for _ in range(self.cfg.threads):
            threading.Thread(target=self.serve, daemon=True).start()
        while self.alive and self.ppid == os.getppid():
            acceptor.wait(self.tick)
            self.tick()
        self.alive = False
        acceptor.close()
        end = time.monotonic() + self.cfg.graceful_timeout
        self.connections.rearm()
        while self.connections.all and time.monotonic() < end:
            self.tick()
            time.sleep(0.05)

    def tick(self) -> None:
        """Every TICK_SECONDS: sends a heartbeat, applies deadlines and, while no thread waits, answers liveness."""
        now = time.monotonic()
        if now < self.next_tick:
            return
        self.next_tick = now + TICK_SECONDS
        self.notify()
        if not self.idle:
            # Without an answer an orchestrator would kill this process while only the database is at fault.
            for descriptor, event in self.connections.epoll.poll(0, len(self.connections.all) + 1):
                self.handle_event(descriptor, event, only_liveness=True)
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
                    self.handle_event(descriptor, event)
                with suppress(IndexError):
                    while True:
                        self.advance(self.parked.popleft())
        except Exception:
            # A worker that loses its threads one by one would end up serving nobody: the master makes a new worker.
            self.log.exception("A thread has failed")
            self.alive = False

    def handle_event(self, descriptor: int, event: int, *, only_liveness: bool = False) -> None:
        conn = self.connections.waiting.get(descriptor)
        if conn is None or not self.connections.claim(conn):
            return
        # The request of a client that has gone is not carried out.
        is_reset = event & GONE and conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if is_reset or not conn.receive():
            self.connections.close(conn)
        elif only_liveness and conn.is_ready and not conn.asks_liveness:
            self.parked.append(conn)
        else:
            self.advance(conn)

    def advance(self, conn: Connection) -> None:
        if not conn.is_ready or conn.respond():
            self.connections.release(conn)
        else:
            self.connections.close(conn)

    def count_request(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            # The master then replaces this worker, as max_requests asks.
            self.alive = False

    def should_end_connections(self) -> bool:
        """Whether each answer ends its connection, even if the client would keep it."""
        return not self.alive or self.connections.is_nearly_full
