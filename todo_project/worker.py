"""gunicorn's threaded worker, rebuilt around one epoll that all its threads wait on.

gunicorn's own polls in one thread, hands each request to another and gets it back, which costs as much CPU as all else
that it does; and it holds a thread from a request's first byte on, without an end: as many half-sent requests as
there are threads stop the worker. Here a request arrives without holding a thread, and whichever thread is woken by its
last byte answers it.
"""

import os
import select
import signal
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from todo_project.connections import LAST_CALL_SECONDS, ONCE, ConnectionWorker
from todo_project.incoming import Connection
from todo_project.postgresql.distance import distance

TICK_SECONDS = 0.5
# One request computes while another waits for the database; a third would only take the interpreter from them.
NEAR_THREADS = 2
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# A connection wakes one worker, the one that has waited for the longest time; to register again is to queue up again.
IN_TURN = select.EPOLLIN | select.EPOLLET | select.EPOLLEXCLUSIVE


class EpollThreadWorker(ConnectionWorker):
    # What came between the fork and this worker's own handlers, where the master's handlers put it (gunicorn.conf.py).
    inherited_signals: SimpleQueue[int]

    def init_process(self) -> None:
        # Requests that arrived while every thread was held.
        self.ready: deque[Connection] = deque()
        self.idle_threads: set[int] = set()
        self.is_listening = self.is_done = False
        self.listening = threading.Lock()
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        while not self.inherited_signals.empty():
            # Nobody else looks there: the master would wait for all of graceful_timeout, and kill this process then.
            if self.inherited_signals.get() in ENDS:
                self.alive = False

    # The main thread.

    def run(self) -> None:
        self.listeners = {listener.fileno(): listener for listener in self.sockets}
        for listener in self.sockets:
            listener.setblocking(False)
        self.listen()
        always = threading.Event()
        always.set()
        for number in range(self.cfg.threads):
            wanted = always if number < NEAR_THREADS else distance.is_far
            threading.Thread(target=self.serve, args=[wanted], daemon=True).start()
        while self.alive and self.is_parent_alive():
            self.tick()
        self.alive = False
        self.stop_listening()
        for listener in self.listeners.values():
            # Those that the kernel has taken in already would be reset.
            with suppress(OSError):
                while True:
                    self.accept(listener)
            listener.close()
        self.finish()

    def tick(self) -> None:
        """A heartbeat, time-outs, and liveness while requests hold every thread."""
        answered = self.answered
        self.notify()
        self.wake.wait(TICK_SECONDS)
        self.wake.clear()
        for conn in list(self.connections.values()):
            if self.owns(conn, expired_by=time.monotonic()):
                self.give_up(conn)
        # What came in turn to a worker that has ended or hangs waits for any other.
        self.stop_listening()
        self.listen()
        # An orchestrator kills what does not say that it lives, while all that is wrong is the database.
        while self.alive and not self.idle_threads and self.answered == answered:
            self.notify()
            for descriptor, _ in self.epoll.poll(TICK_SECONDS, 1):
                self.on_event(descriptor, only_liveness=True)

    def listen(self) -> None:
        """Waits for a connection, behind the workers that do so already."""
        with self.listening:
            if self.alive and not self.is_listening and len(self.connections) < self.worker_connections:
                for descriptor in self.listeners:
                    self.epoll.register(descriptor, IN_TURN)
                self.is_listening = True

    def stop_listening(self) -> bool:
        """Whether it has listened until now."""
        with self.listening:
            was_listening, self.is_listening = self.is_listening, False
            if was_listening:
                for descriptor in self.listeners:
                    self.epoll.unregister(descriptor)
            return was_listening

    def finish(self) -> None:
        """Lets requests under way end; idle connections get a last call."""
        last_call = time.monotonic() + LAST_CALL_SECONDS
        with self.ownership:
            for conn in self.connections.values():
                conn.deadline = conn.deadline and min(conn.deadline, last_call)
        end = time.monotonic() + self.cfg.graceful_timeout
        while self.connections and time.monotonic() < end:
            self.tick()
        self.is_done = True

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.alive = False
        self.wake.set()

    # The threads.

    def serve(self, wanted: threading.Event) -> None:
        """Answers requests while this thread is wanted."""
        try:
            while not self.is_done:
                wanted.wait()
                self.answer_next()
        except Exception:
            # With a thread less the worker would serve less, and none in the end: the master makes a new one.
            self.log.exception("A thread has failed")
            self.handle_exit(0, None)

    def answer_next(self) -> None:
        me = threading.get_ident()
        self.idle_threads.add(me)
        events = self.epoll.poll(TICK_SECONDS, 1)
        self.idle_threads.discard(me)
        for descriptor, _ in events:
            self.on_event(descriptor)
        while self.ready:
            self.respond(self.ready.popleft())

    def on_event(self, descriptor: int, *, only_liveness: bool = False) -> None:
        if listener := self.listeners.get(descriptor):
            if self.stop_listening():
                self.take_in(listener)
            return
        conn = self.connections.get(descriptor)
        if conn is None or not self.owns(conn) or not self.receives(conn):
            return
        if only_liveness and not conn.request.is_liveness():
            self.ready.append(conn)
        else:
            self.respond(conn)

    def take_in(self, listener: socket.socket) -> None:
        """Takes one connection, and the last place in the queue for the next one."""
        try:
            self.accept(listener)
        except BlockingIOError:
            # Another worker was faster.
            pass
        except OSError:
            # Out of descriptors, as it would be again at once: until the next tick.
            return
        # The next one is for another worker, which gets no CPU where this one and its clients hold every core.
        os.sched_yield()
        self.listen()

    def accept(self, listener: socket.socket) -> None:
        """Raises OSError, of which BlockingIOError where nobody waits."""
        client, address = listener.accept()
        conn = Connection(self.cfg, client, address, listener.getsockname())
        self.connections[conn.descriptor] = conn
        self.epoll.register(conn.descriptor, ONCE)
