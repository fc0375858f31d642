"""Accepts connections, in turn with the other workers."""

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
# A new connection wakes one worker: the one that registered first. Registering again goes to the end of the queue.
IN_TURN = select.EPOLLIN | select.EPOLLEXCLUSIVE
IN_TURN_SECONDS = 1.0
# How long a handshake may still take if it began before the listening socket refused new connections.
HANDSHAKE_SECONDS = 0.5


class Acceptor:
    def __init__(self, listeners: Sequence[Any], signals: int, connections: Connections) -> None:
        self.arrivals, self.connections = select.epoll(), connections
        # With their addresses: a closed socket has none.
        self.listeners = {each.fileno(): (each.sock, each.getsockname()) for each in listeners}
        self.arrivals.register(signals, select.EPOLLIN)

    def wait(self, tick: Callable[[], None]) -> None:
        """Waits for a connection or a signal, behind the workers that wait already, and calls tick() meanwhile."""
        for descriptor in self.listeners:
            self.arrivals.register(descriptor, IN_TURN)
        # A worker that hangs or has ended may have been woken for a connection. The next worker to register gets it, so
        # each registers anew after IN_TURN_SECONDS.
        end = time.monotonic() + IN_TURN_SECONDS
        while not (arrived := self.arrivals.poll(TICK_SECONDS, 1)) and time.monotonic() < end:
            tick()
        for descriptor in self.listeners:
            self.arrivals.unregister(descriptor)
        for descriptor, _ in arrived:
            if descriptor in self.listeners:
                self.accept_in_turn(descriptor)
            else:
                os.read(descriptor, 4096)

    def accept_in_turn(self, descriptor: int) -> None:
        try:
            self.accept(descriptor)
        except BlockingIOError:
            # Another worker was faster.
            return
        except OSError:
            # Out of descriptors. The next attempt would fail too if it came at once.
            time.sleep(0.1)
        # The next connection is for another worker, which gets no CPU if this one and its clients hold every core.
        os.sched_yield()

    def accept(self, descriptor: int) -> None:
        """Accepts one connection, or makes room for it. Raises OSError; BlockingIOError if there is none."""
        listener, address = self.listeners[descriptor]
        try:
            client, peer = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self.connections.make_room():
                return
            raise
        self.connections.add(client, peer, address)

    def close(self) -> None:
        """Empties the queues first: when the last process closes a socket, the kernel resets what is in its queue."""
        for descriptor, (listener, _) in self.listeners.items():
            end = time.monotonic() + (HANDSHAKE_SECONDS if is_refusing(listener) else 0)
            with suppress(OSError):
                while True:
                    try:
                        self.accept(descriptor)
                    except BlockingIOError:
                        if time.monotonic() > end:
                            raise
                        time.sleep(0.01)
            listener.close()
