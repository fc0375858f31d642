"""The ways in to the service: kinds of sockets, and how each gets to gunicorn."""

import socket
import ssl

from tests.support.proxies import make_certificate
from tests.support.service import Gunicorn, Service

WORKERS = {"own": "todo_project.server.worker.EpollWorker", "gthread": "gthread"}
# As systemd starts a service: the socket is open at descriptor 3, for the process of this id.
ACTIVATED = """\
import os, socket, sys
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


class Tcp(Gunicorn):
    """The service at HOST. `connect()` makes a client's connection to it."""

    HOST, REACHED_AT = "127.0.0.1", "127.0.0.1"

    def __init__(self, database_url, log, worker="own", **environment):
        options = f"--worker-class {WORKERS[worker]} {self.options(log)}"
        super().__init__(database_url, log, HOST=self.HOST, GUNICORN_CMD_ARGS=options, **environment)

    def options(self, log):
        return ""

    def connect(self):
        return socket.create_connection((self.REACHED_AT, self.port), timeout=20)

    def is_healthy(self):
        try:
            return b" 200 " in self.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        except OSError:
            return False

    def send(self, request):
        """All that comes back until the service closes."""
        with self.connect() as peer:
            peer.sendall(request)
            with peer.makefile("rb") as answer:
                return answer.read()


class EveryAddress(Tcp):
    HOST = "0.0.0.0"


class Tls(Tcp):
    """gunicorn ends TLS, with a certificate that its client does not check. Its own worker alone can."""

    def options(self, log):
        make_certificate(log.parent)
        return f"--certfile {log.parent}/certificate --keyfile {log.parent}/key"

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(super().connect())


class IPv6(Tcp):
    HOST, REACHED_AT = "::1", "::1"


class BothKinds(Tcp):
    """At each address of both kinds: a client of IPv4 has its address written as IPv6."""

    HOST = "::"


class UnixSocket(Tcp):
    def options(self, log):
        self.path = f"{log}.socket"
        return f"--bind unix:{self.path}"

    def connect(self):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(20)
        try:
            peer.connect(self.path)
        except OSError:
            peer.close()
            raise
        return peer


class Activated(Tcp):
    """By a socket that is open before gunicorn starts."""

    command = ("-c", ACTIVATED, *Gunicorn.command)


class ActivatedServe(Tcp):
    """The same for `serve`."""

    command = ("-c", ACTIVATED, *Service.command)
