"""Permits to compute: a process has two, since more threads would only take the interpreter from each other.

A thread that waits for the database gives its permit back, so that another thread can begin a request. So the farther
the database is, and the slower its disk, the more requests are under way. The server's threads acquire permits, and
the way to the database gives them back.
"""

import threading


class Permits:
    """The thread that began to wait last goes on first, so that no more threads open connections than are needed."""

    def __init__(self, count: int) -> None:
        self.free = count
        self.waiting: list[threading.Lock] = []
        self.lock = threading.Lock()
        self.thread = threading.local()

    def acquire(self) -> None:
        """Waits for a permit, unless this thread has one already."""
        if getattr(self.thread, "has_one", False):
            return
        self.thread.has_one = True
        turn = threading.Lock()
        with self.lock:
            if self.free:
                self.free -= 1
                return
            turn.acquire()
            self.waiting.append(turn)
        turn.acquire()

    def give_back(self) -> None:
        """Lets another thread begin. This one goes on without a permit to the end of its request."""
        if not getattr(self.thread, "has_one", False):
            return
        self.thread.has_one = False
        with self.lock:
            if self.waiting:
                self.waiting.pop().release()
            else:
                self.free += 1


computing = Permits(2)
