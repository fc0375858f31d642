"""Slow clients: what they send, and readers of a long list at 4 kB/s."""

import json
import selectors
import socket
import subprocess
import sys
import threading

from tests.support.service import ROOT
from tests.support.wire import request

LONG = request("GET", "/api/long/tasks")
LONG_TASKS, LONG_BYTES = 2_000, 11_000_000
EVERY_SECONDS = 0.25
HEAD = b"POST /api/slow/tasks HTTP/1.1\r\nHost: localhost\r\n"
# What each kind of client sends first, and what it sends every second after that.
KINDS = [
    (b"", b""),
    (b"GET /", b"a"),
    (HEAD, b""),
    (HEAD, b"X: 1\r\n"),
    (HEAD + b"Content-Length: 100\r\n\r\n", b""),
    (HEAD + b"Content-Length: 100\r\n\r\n{", b" "),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n", b" "),
    (HEAD + b"Content-Length: 999999\r\n\r\n{", b" "),
    (HEAD + (b"X: " + b"a" * 8000 + b"\r\n") * 9, b"a"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"a" * 70_000, b"a"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: a\r\n" * 10_000, b"X: a\r\n"),
    (HEAD + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n", b""),
    (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea", b"l"),
]


def create_long_list(service, folder):
    """Creates the tasks of the user "long". Their list is one answer of 11 MB."""
    file = folder / "tasks.jsonl"
    with file.open("w") as lines:
        for number in range(LONG_TASKS):
            task = {"id": f"01890000-0000-7000-8000-{number:012x}", "user_id": "long", "title": "t" * 400}
            print(json.dumps(task | {"description": "d" * 5_000}), file=lines)
    command = [sys.executable, "manage.py", "import_tasks", str(file)]
    subprocess.run(command, cwd=ROOT, env=service.environment, check=True, capture_output=True)


def connected(service, *, received=None):
    """A socket connected to the service. `received` is the size of the kernel's receive buffer."""
    client = socket.socket()
    if received:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
    client.settimeout(60)
    client.connect(("127.0.0.1", service.port))
    return client


class SlowReaders:
    """`with SlowReaders(service, 10):` ten clients read until the end. Each begins `apart` seconds after the last."""

    def __init__(self, service, count, *, apart=0.0):
        self.service, self.count, self.apart = service, count, apart
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.read)

    def read(self):
        with selectors.DefaultSelector() as readers:
            for _ in range(self.count):
                reader = connected(self.service, received=4096)
                reader.sendall(LONG)
                # The next list is asked for when this one is made: the readers are what is tested, and not the machine.
                reader.recv(1)
                readers.register(reader, selectors.EVENT_READ)
                self.read_for(readers, self.apart)
            while not self.ends.is_set():
                self.read_for(readers, EVERY_SECONDS)
            for key in list(readers.get_map().values()):
                key.fileobj.close()

    def read_for(self, readers, seconds):
        for key, _ in readers.select(0):
            self.read_a_little(readers, key.fileobj)
        self.ends.wait(seconds)

    def read_a_little(self, readers, reader):
        # A kilobyte every EVERY_SECONDS makes 4 kB/s.
        try:
            is_open = bool(reader.recv(1024))
        except OSError:
            is_open = False
        if not is_open:
            # The lists are so long that the service has no room for too many readers, and closes.
            readers.unregister(reader)
            reader.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc_info):
        self.ends.set()
        self.thread.join()
