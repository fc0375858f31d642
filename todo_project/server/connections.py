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

# How long a stopping worker leaves a connection open on which nothing is asked, since something may be on its way.
LAST_CALL_SECONDS = 2.0
# The share of worker_connections from which on connections end with their answers, so that later ones find room.
NEARLY_FULL = 0.9
# glibc keeps what was freed between blocks that are still in use, which after a flood is most of it.
malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)


class Connections:
    """A connection is a thread's own, or it waits for its client: then it is in `waiting`, and armed for one event.

    epoll is the queue, too: one that could go on at once is armed for being writable, and so comes behind the others.
    """

    def __init__(self, worker: "EpollWorker") -> None:
        self.worker, self.epoll = worker, select.epoll()
        # By descriptor, all of them, and those that no thread has, who has waited for the longest time first.
        self.all: dict[int, Connection] = {}
        self.waiting: dict[int, Connection] = {}
        self.ownership = threading.Lock()
        self.closed_for_others, self.has_freed = 0, False

    # Whose a connection is.

    def add(self, client: socket.socket, peer: Any, address: Any) -> None:
        if len(self.all) >= self.worker.cfg.worker_connections:
            self.make_room()
        conn = Connection(self.worker, client, peer, address)
        self.all[conn.descriptor] = conn
        self.epoll.register(conn.descriptor, 0)
        self.release(conn)

    def claim(self, conn: Connection) -> bool:
        """Takes the connection, unless somebody else has it."""
        with self.ownership:
            return self.waiting.get(conn.descriptor) is conn and bool(self.waiting.pop(conn.descriptor))

    def release(self, conn: Connection) -> None:
        """Gives the connection to whoever sees its next event."""
        state = conn.waits_for
        conn.enter(state)
        if not self.worker.alive and state in (NEW, IDLE, LINGER):
            conn.deadline = min(conn.deadline, time.monotonic() + LAST_CALL_SECONDS)
        conn.kept = conn.kept_bytes
        with self.ownership:
            self.waiting[conn.descriptor] = conn
            self.epoll.modify(conn.descriptor, state.event | select.EPOLLONESHOT)
        if conn.kept:
            self.bound_memory()

    def release_again(self) -> None:
        for conn in list(self.waiting.values()):
            if self.claim(conn):
                self.release(conn)

    def close(self, conn: Connection) -> None:
        # First forgotten, then closed: the next connection may get the same descriptor.
        del self.all[conn.descriptor]
        self.has_freed |= conn.kept_bytes > 0
        conn.close()

    def give_up(self, conn: Connection) -> bool:
        """Closes it, unless it waits no more; a client that has sent a part of a request is told."""
        if not self.claim(conn):
            return False
        conn.tell_too_late()
        self.close(conn)
        return True

    def tidy(self, now: float) -> None:
        for conn in list(self.waiting.values()):
            if conn.deadline <= now:
                self.give_up(conn)
        if self.has_freed:
            self.has_freed = False
            malloc_trim(0)
        if count := self.closed_for_others:
            self.worker.log.warning("Closed %d connections that waited, to make room for others", count)
            self.closed_for_others = 0

    # Room for new ones.

    @property
    def is_nearly_full(self) -> bool:
        return len(self.all) > NEARLY_FULL * int(self.worker.cfg.worker_connections)

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
