"""Stands between a client and one of several servers. It passes bytes on, and can lose an answer."""

import itertools
import selectors
import socket
import threading
from contextlib import contextmanager, suppress

# Messages of PostgreSQL's protocol. A statement that is prepared first arrives as PARSE, without EXECUTE.
EXECUTE = b"E\0\0\0\x09\0\0\0\0\0"
PARSE = b"P\0\0"


class Proxy:
    """`with Proxy(port) as proxy:` passes on what comes to `proxy.port`. Of several ports it picks one that accepts."""

    def __init__(self, *targets):
        self.targets = targets
        self.turns = itertools.count()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.loses_answer_to: bytes | None = None
        self.passed_bytes = 0
        self.waits_for_answer = True

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def connect(self):
        """Connects to each of the targets in turn, and skips one that refuses."""
        turn = next(self.turns)
        for place in range(len(self.targets)):
            with suppress(ConnectionRefusedError):
                return socket.create_connection(("127.0.0.1", self.targets[(turn + place) % len(self.targets)]))
        raise ConnectionRefusedError

    def serve(self, client):
        with client, suppress(ConnectionError), self.connect() as server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            was_asked = False
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)
                    if key.fileobj is client:
                        data = self.rewritten(data)
                    loses = self.loses_answer_to
                    was_asked |= loses is not None and key.fileobj is client and loses in data
                    if not data:
                        return
                    if loses and was_asked and key.fileobj is server:
                        data, missing = data[: self.passed_bytes], len(data)
                        self.passed_bytes -= missing
                    key.data.sendall(data)
                    if self.passed_bytes < 0 or (was_asked and not self.waits_for_answer):
                        # The connection ends here. The request is done or will be, and its answer is lost.
                        self.loses_answer_to, self.passed_bytes = None, 0
                        return

    def rewritten(self, data):
        """What is passed on for what a client has sent. Subclasses change it."""
        return data

    @contextmanager
    def losing_an_answer(self, message=EXECUTE, after=0, waits=True):
        """The next such message reaches the database. The connection breaks after `after` bytes of the answer.

        If it does not wait for the answer, the connection breaks while the database is at work.
        """
        self.loses_answer_to, self.passed_bytes, self.waits_for_answer = message, after, waits
        yield
        assert self.loses_answer_to is None, "no answer was lost"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
