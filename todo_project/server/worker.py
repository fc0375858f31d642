"""gunicorn's worker: its main thread takes in connections; the others wait, on one epoll, for what comes on them.

A connection is a thread's own, or it waits for its client: then it is in `waiting`, and armed for one event. epoll is
the queue, too: one that could go on at once is armed for being writable, and so comes behind the others.
"""

import ctypes
import errno
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
from todo_project.server.connection import Connection
from todo_project.server.listeners import is_refusing
from todo_project.server.states import IDLE, KEPT_BYTES, LINGER, NEW

TICK_SECONDS = 0.25
# A connection wakes one worker, the one that has waited for the longest time; to register again is to queue up again.
IN_TURN = select.EPOLLIN | select.EPOLLEXCLUSIVE
IN_TURN_SECONDS = 1.0
GONE = select.EPOLLHUP | select.EPOLLERR
# How long a stopping worker leaves a connection open on which nothing is asked, since something may be on its way.
LAST_CALL_SECONDS = 2.0
# What a handshake may still take that began before the listening socket refused new ones.
HANDSHAKE_SECONDS = 0.5
# The share of worker_connections from which on connections end with their answers, so that later ones find room.
NEARLY_FULL = 0.9
# glibc keeps what was freed between blocks that are still in use, which after a flood is most of it.
malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)


class EpollWorker(Worker):  # type: ignore[misc]  # why: an untyped library
    alive: bool

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:
        if cfg.is_ssl:
            sys.exit("This worker speaks plain HTTP: let a proxy end TLS, or set --worker-class gthread.")

    def init_process(self) -> None:
        # As plain attributes: gunicorn's own look-up of a setting is a fifth of what it does for a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        # What the main thread waits for, and what the others wait for.
        self.arrivals, self.epoll = select.epoll(), select.epoll()
        # By descriptor, all of them, and those that no thread has, who has waited for the longest time first.
        self.connections: dict[int, Connection] = {}
        self.waiting: dict[int, Connection] = {}
        self.ownership = threading.Lock()
        # Threads that wait; and connections with requests that were read while none did.
        self.idle: deque[bool] = deque()
        self.parked: deque[Connection] = deque()
        self.closed_for_others, self.has_freed, self.next_look = 0, False, 0.0
        super().init_process()

    # The main thread.

    def run(self) -> None:
        # With their addresses, which nobody can ask for once they are closed.
        self.listeners = {each.fileno(): (each.sock, each.getsockname()) for each in self.sockets}
        # Signals are written there.
        self.arrivals.register(self.PIPE[0], select.EPOLLIN)
        for _ in range(self.cfg.threads):
            threading.Thread(target=self.serve, daemon=True).start()
        while self.alive and self.ppid == os.getppid():
            self.wait()
            self.look_after()
        self.alive = False
        self.close_listeners()
        end = time.monotonic() + self.cfg.graceful_timeout
        for conn in list(self.waiting.values()):
            if self.claim(conn):
                self.release(conn)
        while self.connections and time.monotonic() < end:
            self.look_after()
            time.sleep(0.05)

    def wait(self) -> None:
        """For a connection, behind the workers that do so already."""
        for descriptor in self.listeners:
            self.arrivals.register(descriptor, IN_TURN)
        # What came in turn to a worker that has ended or hangs waits for any other that registers.
        end = time.monotonic() + IN_TURN_SECONDS
        while not (arrived := self.arrivals.poll(TICK_SECONDS, 1)) and time.monotonic() < end:
            self.look_after()
        for descriptor in self.listeners:
            self.arrivals.unregister(descriptor)
        for descriptor, _ in arrived:
            if descriptor in self.listeners:
                self.take_in_turn(descriptor)
            else:
                os.read(descriptor, 4096)

    def take_in_turn(self, descriptor: int) -> None:
        try:
            self.take_in(descriptor)
        except BlockingIOError:
            # Another worker was faster.
            return
        except OSError:
            # Out of descriptors, as it would be again at once.
            time.sleep(0.1)
        # The next one is for another worker, which gets no CPU where this one and its clients hold every core.
        os.sched_yield()

    def look_after(self) -> None:
        """Every quarter of a second: a heartbeat, deadlines, and liveness while no thread waits."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + TICK_SECONDS
        self.notify()
        if not self.idle:
            # An orchestrator kills what does not say that it lives, while all that is wrong is the database.
            for descriptor, event in self.epoll.poll(0, len(self.connections) + 1):
                self.on_event(descriptor, event, only_liveness=True)
        for conn in list(self.waiting.values()):
            if conn.deadline <= now:
                self.give_up(conn)
        if self.has_freed:
            self.has_freed = False
            malloc_trim(0)
        if self.closed_for_others:
            self.log.warning("Closed %d connections that waited, to make room for others", self.closed_for_others)
            self.closed_for_others = 0

    def close_listeners(self) -> None:
        """Takes in all that waits there: the kernel resets what the last process to close the socket leaves."""
        for descriptor, (listener, _) in self.listeners.items():
            end = time.monotonic() + (HANDSHAKE_SECONDS if is_refusing(listener) else 0)
            with suppress(OSError):
                while True:
                    try:
                        self.take_in(descriptor)
                    except BlockingIOError:
                        if time.monotonic() > end:
                            raise
                        time.sleep(0.01)
            listener.close()

    # The threads.

    def serve(self) -> None:
        try:
            while True:
                computing.acquire()
                self.idle.append(True)
                events = self.epoll.poll(0 if self.parked else TICK_SECONDS, 1)
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
        conn = self.waiting.get(descriptor)
        if conn is None or not self.claim(conn):
            return
        # What somebody has asked who has gone since is not done.
        is_reset = event & GONE and conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if is_reset or not conn.receive():
            self.close(conn)
        elif only_liveness and conn.is_ready and not conn.asks_liveness:
            self.parked.append(conn)
        else:
            self.go_on(conn)

    def go_on(self, conn: Connection) -> None:
        if not conn.is_ready or conn.respond():
            self.release(conn)
        else:
            self.close(conn)

    # Whose a connection is.

    def claim(self, conn: Connection) -> bool:
        """Takes the connection, unless somebody else has it."""
        with self.ownership:
            return self.waiting.get(conn.descriptor) is conn and bool(self.waiting.pop(conn.descriptor))

    def release(self, conn: Connection) -> None:
        """Gives the connection to whoever sees its next event."""
        state = conn.waits_for
        conn.enter(state)
        if not self.alive and state in (NEW, IDLE, LINGER):
            conn.deadline = min(conn.deadline, time.monotonic() + LAST_CALL_SECONDS)
        conn.kept = conn.kept_bytes
        with self.ownership:
            self.waiting[conn.descriptor] = conn
            self.epoll.modify(conn.descriptor, state.event | select.EPOLLONESHOT)
        if conn.kept:
            self.bound_memory()

    def give_up(self, conn: Connection) -> bool:
        """Closes it, unless it waits no more; a client that has sent a part of a request is told."""
        if not self.claim(conn):
            return False
        conn.tell_too_late()
        self.close(conn)
        return True

    def close(self, conn: Connection) -> None:
        # First forgotten, then closed: the next connection may get the same descriptor.
        del self.connections[conn.descriptor]
        self.has_freed |= conn.kept_bytes > 0
        conn.close()

    def count_request(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests:
            # gunicorn's setting for replacing a worker now and then.
            self.alive = False

    # New ones, and room for them.

    def take_in(self, descriptor: int) -> None:
        """Takes one connection, or makes room for it. Raises OSError, of which BlockingIOError where nobody waits."""
        listener, address = self.listeners[descriptor]
        try:
            client, peer = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self.make_room():
                return
            raise
        if len(self.connections) >= self.cfg.worker_connections:
            self.make_room()
        conn = Connection(self, client, peer, address)
        self.connections[conn.descriptor] = conn
        self.epoll.register(conn.descriptor, 0)
        self.release(conn)

    def make_room(self) -> bool:
        """Closes the one that has waited for the longest time, the idle first. Whether there was one."""
        waiting = list(self.waiting.values())
        longest = next((conn for conn in waiting if conn.state in (NEW, IDLE)), waiting[0] if waiting else None)
        if longest is None or not self.give_up(longest):
            return longest is not None and self.make_room()
        self.closed_for_others += 1
        return True

    def bound_memory(self) -> None:
        """Closes those that have waited for the longest time, until what the others keep is within the limit."""
        keeping = deque(conn for conn in list(self.waiting.values()) if conn.kept)
        excess = sum(conn.kept for conn in keeping) - KEPT_BYTES
        while excess > 0 and keeping:
            excess -= keeping[0].kept
            self.closed_for_others += self.give_up(keeping.popleft())

    def ends_connections(self) -> bool:
        """Whether an answer ends its connection, whatever the client wants."""
        return not self.alive or len(self.connections) > NEARLY_FULL * self.cfg.worker_connections
