"""Stands between the service and its database, and loses what it is told to lose."""

import selectors
import socket
import threading
from contextlib import contextmanager


class Proxy:
    """`with Proxy(port) as proxy:` passes on to that port what comes to `proxy.port`."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.loses_next_answer = threading.Event()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        with (
            client,
            socket.create_connection(("127.0.0.1", self.target)) as server,
            selectors.DefaultSelector() as ready,
        ):
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            was_asked = False
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)
                    was_asked |= key.fileobj is client and self.loses_next_answer.is_set()
                    is_lost = was_asked and key.fileobj is server and self.loses_next_answer.is_set()
                    if not data or is_lost:
                        # Closed here, so that what was answered is not known and yet done.
                        if is_lost:
                            self.loses_next_answer.clear()
                        return
                    key.data.sendall(data)

    @contextmanager
    def losing_an_answer(self):
        """The next statement reaches the database, and the connection breaks before its answer is back."""
        self.loses_next_answer.set()
        yield
        assert not self.loses_next_answer.is_set(), "no answer was lost"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
