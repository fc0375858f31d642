"""Two PostgreSQL servers: a primary, and a synchronous standby that can take over."""

import shutil

from tests.support.primary import Primary
from tests.support.waiting import until

SYNCHRONOUS = "synchronous_standby_names"


class Standby(Primary):
    def follow(self, primary):
        """Makes this server a streaming copy of the primary. It loses what it held before."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", "-D", self.data, "-d", primary.url(), "-R", "--checkpoint=fast", "--no-sync")
        return self.start()

    def promote(self):
        """Makes this server the primary. It waits for no standby until it has one."""
        self.execute(f"ALTER SYSTEM RESET {SYNCHRONOUS}")
        self.execute("SELECT pg_reload_conf()")
        self.run("pg_ctl", "-D", self.data, "-w", "promote")


class Pair:
    """`with Pair() as pair:` pair.primary acknowledges no write before pair.standby has it. `pair.url()` names both."""

    def __init__(self):
        self.primary, self.standby = Standby(max_connections=30), Standby(max_connections=30)

    def url(self):
        hosts = ",".join(f"127.0.0.1:{port}" for port in sorted((self.primary.port, self.standby.port)))
        return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def replicate(self):
        self.standby.follow(self.primary)
        self.primary.execute(f"ALTER SYSTEM SET {SYNCHRONOUS} = '*'")
        self.primary.execute("SELECT pg_reload_conf()")
        until(lambda: self.primary.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))

    def fail_over(self):
        """Kills the primary, and its standby becomes the primary."""
        self.primary.kill()
        self.take_over()

    def take_over(self):
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def __enter__(self):
        self.primary.__enter__()
        self.replicate()
        return self

    def __exit__(self, *exc_info):
        for server in (self.standby, self.primary):
            server.__exit__(*exc_info)
