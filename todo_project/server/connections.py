"""The connections of a process: which thread owns each, and how many there is room for."""

import ctypes
import select
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from todo_project.server.connection import Connection
from todo_project.server.states import IDLE, KEPT_BYTES, LINGER, NEW

if TYPE_CHECKING:
    from todo_project.server.worker import EpollWorker

# How long a stopping worker keeps an idle connection open: a request may be on its way.
LAST_CALL_SECONDS = 2.0
# Above this share of worker_connections each answer ends its connection, so that new clients find room.
NEARLY_FULL = 0.9
# glibc keeps freed memory that lies between blocks in use. After a flood of connections that is most of it.
malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)


class Connections:
    """One thread owns a connection, or the connection waits for its client: it is in `waiting`, armed for one event.

    epoll is also the queue. A connection that could go on at once is armed for being writable, which puts it behind the
    others.
    """

    def __init__(self, worker: "EpollWorker") -> None:
        self.worker, self.epoll = worker, select.epoll()
        self.capacity: int = worker.cfg.worker_connections
        # By descriptor: all connections, and those that no thread owns, the longest wait first.
        self.all: dict[int, Connection] = {}
        self.waiting: dict[int, Connection] = {}
        self.ownership = threading.Lock()
        self.closed_for_others, self.has_freed = 0, False

    # Which thread owns a connection.

    def add(self, client: socket.socket, peer: Any, address: Any) -> None:
        if len(self.all) >= self.capacity:
            self.make_room()
        conn = Connection(self.worker, client, peer, address)
        self.all[conn.descriptor] = conn
        self.epoll.register(conn.descriptor, 0)
        self.release(conn)

    def claim(self, conn: Connection) -> bool:
        """Takes the connection. Returns False if another thread owns it."""
        with self.ownership:
            return self.waiting.get(conn.descriptor) is conn and bool(self.waiting.pop(conn.descriptor))

    def release(self, conn: Connection) -> None:
        """Lets the connection wait: the thread that gets its next event may claim it."""
        state = conn.next_state
        conn.enter(state)
        if not self.worker.alive and state in (NEW, IDLE, LINGER):
            conn.deadline = min(conn.deadline, time.monotonic() + LAST_CALL_SECONDS)
        conn.kept = conn.kept_bytes
        with self.ownership:
            self.waiting[conn.descriptor] = conn
            self.epoll.modify(conn.descriptor, state.event | select.EPOLLONESHOT)
        if conn.kept:
            self.bound_memory()

    def rearm(self) -> None:
        """Releases each waiting connection again: in a worker that stops, idle ones have a shorter deadline."""
        for conn in list(self.waiting.values()):
            if self.claim(conn):
                self.release(conn)

    def close(self, conn: Connection) -> None:
        # Forget it before closing it: the next connection may get the same descriptor.
        del self.all[conn.descriptor]
        self.has_freed |= conn.kept_bytes > 0
        conn.close()

    def close_waiting(self, conn: Connection) -> bool:
        """Closes the connection unless a thread owns it. Returns whether it did. A half-sent request gets 408."""
        if not self.claim(conn):
            return False
        conn.refuse_late_request()
        self.close(conn)
        return True

    def tidy(self, now: float) -> None:
        """Closes overdue connections, gives freed memory back, and logs how many were closed for others."""
        for conn in list(self.waiting.values()):
            if conn.deadline <= now:
                self.close_waiting(conn)
        if self.has_freed:
            self.has_freed = False
            malloc_trim(0)
        if count := self.closed_for_others:
            self.worker.log.warning("Closed %d connections that waited, to make room for others", count)
            self.closed_for_others = 0

    # Room for new connections.

    @property
    def is_nearly_full(self) -> bool:
        return len(self.all) > NEARLY_FULL * self.capacity

    def make_room(self) -> bool:
        """Closes the connection that has waited longest, idle ones first. Returns whether there was one."""
        waiting = list(self.waiting.values())
        longest = next((conn for conn in waiting if conn.state in (NEW, IDLE)), waiting[0] if waiting else None)
        if longest is None or not self.close_waiting(longest):
            return longest is not None and self.make_room()
        self.closed_for_others += 1
        return True

    def bound_memory(self) -> None:
        """Closes those that have waited longest, until the others keep no more than KEPT_BYTES."""
        keeping = deque(conn for conn in list(self.waiting.values()) if conn.kept)
        excess = sum(conn.kept for conn in keeping) - KEPT_BYTES
        while excess > 0 and keeping:
            excess -= keeping[0].kept
            self.closed_for_others += self.close_waiting(keeping.popleft())
