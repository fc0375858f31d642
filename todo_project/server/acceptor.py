"""Takes in connections, in turn with the other workers."""

import errno
import os
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from todo_project.server.connections import Connections
from todo_project.server.listeners import is_refusing

TICK_SECONDS = 0.25
# A connection wakes one worker, the one that has waited for the longest time; to register again is to queue up again.
IN_TURN = select.EPOLLIN | select.EPOLLEXCLUSIVE
IN_TURN_SECONDS = 1.0
# What a handshake may still take that began before the listening socket refused new ones.
HANDSHAKE_SECONDS = 0.5


class Acceptor:
    def __init__(self, listeners: Sequence[Any], signals: int, connections: Connections) -> None:
        self.arrivals, self.connections = select.epoll(), connections
        # With their addresses, which nobody can ask for once they are closed.
        self.listeners = {each.fileno(): (each.sock, each.getsockname()) for each in listeners}
        # Signals are written there.
        self.arrivals.register(signals, select.EPOLLIN)

    def wait(self, look_after: Callable[[], None]) -> None:
        """For a connection, behind the workers that do so already."""
        for descriptor in self.listeners:
            self.arrivals.register(descriptor, IN_TURN)
        # What came in turn to a worker that has ended or hangs waits for any other that registers.
        end = time.monotonic() + IN_TURN_SECONDS
        while not (arrived := self.arrivals.poll(TICK_SECONDS, 1)) and time.monotonic() < end:
            look_after()
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

    def take_in(self, descriptor: int) -> None:
        """Takes one connection, or makes room for it. Raises OSError, of which BlockingIOError where nobody waits."""
        listener, address = self.listeners[descriptor]
        try:
            client, peer = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self.connections.make_room():
                return
            raise
        self.connections.add(client, peer, address)

    def close(self) -> None:
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
