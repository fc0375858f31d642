"""Debian's PgBouncer in transaction mode, as Neon and others put it before their PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from testbed.postgres import free_port
from testbed.processes import kill_tree
from tests.support.missing import not_installed
from tests.support.stoppable import Stoppable
from tests.support.waiting import until

NOT_INSTALLED = not_installed("pgbouncer", "pgbouncer")
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
# PgBouncer refuses to run as root, and only root may start it as another user.
USER = "nobody" if os.geteuid() == 0 else None
SETTINGS = """
[databases]
* = host=127.0.0.1 port={target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
admin_users = postgres
pool_mode = transaction
default_pool_size = 4
server_login_retry = 1
logfile = {folder}/log
"""


class PgBouncer(Stoppable):
    def __init__(self, target):
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        (self.folder / "settings").write_text(SETTINGS.format(target=target, port=self.port, folder=self.folder))
        (self.folder / "users").write_text('"postgres" ""\n')
        if USER:
            shutil.chown(self.folder, USER)

    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def answers(self):
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self):
        """Starts PgBouncer."""
        self.process = subprocess.Popen([PROGRAM, "--quiet", self.folder / "settings"], user=USER)
        try:
            until(self.answers)
        except BaseException:
            kill_tree(self.process)
            raise
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()
        shutil.rmtree(self.folder)
