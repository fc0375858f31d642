"""How many requests a process computes at a time: two, since more would only take the interpreter from each other.

A thread that waits for the database gives its permit back, so that another one can begin a request. How far the
database is, and how long its disk takes, so decides by itself how many requests are under way.
"""

import threading


class Permits:
    """The last thread that waits is the first to go on: no more threads, and connections of theirs, than are needed."""

    def __init__(self, count: int) -> None:
        self.free = count
        self.waiting: list[threading.Lock] = []
        self.lock = threading.Lock()
        self.thread = threading.local()

    def acquire(self) -> None:
        """Waits for a permit, unless this thread has one."""
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
        """Lets another thread begin; this one may go on without a permit, to the end of what it is at."""
        if not getattr(self.thread, "has_one", False):
            return
        self.thread.has_one = False
        with self.lock:
            if self.waiting:
                self.waiting.pop().release()
            else:
                self.free += 1


computing = Permits(2)
