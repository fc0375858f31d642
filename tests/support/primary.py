"""A PostgreSQL with faults. Each fault lasts as long as its `with`."""

import signal
import time
from contextlib import ExitStack, contextmanager

import psycopg

from testbed.postgres import Cluster
from testbed.processes import send
from tests.support.stoppable import Stoppable
from tests.support.waiting import until

OTHERS = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
# A trigger makes a write slow, or raises PostgreSQL's error for a full disk: others use the machine's real disk too.
ON_EVERY_WRITE = """
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {}; RETURN coalesce(NEW, OLD); END $$;
CREATE TRIGGER fault BEFORE INSERT OR UPDATE OR DELETE ON tasks_task FOR EACH ROW EXECUTE FUNCTION fault()
"""


class Primary(Stoppable, Cluster):
    def connect(self):
        return psycopg.connect(self.url(), autocommit=True)

    def execute(self, sql):
        with self.connect() as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def log(self):
        return (self.folder / "log").read_text()

    @contextmanager
    def killed(self):
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self):
        """The server accepts connections and answers nothing, as when a machine swaps or a network drops packets."""
        processes = self.processes()
        send(signal.SIGSTOP, processes)
        try:
            yield
        finally:
            send(signal.SIGCONT, processes)

    def terminate(self, which="true"):
        """Ends all other connections, waits until they are gone, and gives their number."""
        ended = [pid for (pid,) in self.execute(f"SELECT pid FROM pg_stat_activity WHERE {OTHERS} AND {which}")]
        pids = ",".join(map(str, ended)) or "0"
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN ({pids})")
        until(lambda: not self.execute(f"SELECT 1 FROM pg_stat_activity WHERE pid IN ({pids})"))
        return len(ended)

    def terminate_the_one_that_waits(self):
        waiting = "wait_event_type IN ('Lock', 'IPC', 'Timeout')"
        until(lambda: self.terminate(waiting))

    @contextmanager
    def full(self):
        """Other clients hold every connection that the server has."""
        end_theirs = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
        with ExitStack() as stack:
            admin = stack.enter_context(self.connect())
            while admin.execute(end_theirs, ["backend-task-service"]).fetchall() or not self.refuses(stack):
                # The service asks for the freed connections too, and whichever side asks most often gets them.
                for _ in range(self.settings["max_connections"]):
                    self.refuses(stack)
            yield

    def refuses(self, stack):
        """Tries to connect. True where no connection is left; otherwise the stack keeps the connection."""
        try:
            stack.enter_context(self.connect())
        except psycopg.OperationalError:
            return True
        return False

    @contextmanager
    def locked(self, task_id):
        """Another client locks the task's row, in a transaction that lasts as long as the `with`."""
        with psycopg.connect(self.url()) as connection:
            connection.execute("SELECT id FROM tasks_task WHERE id = %s FOR UPDATE", [task_id])
            yield
            connection.rollback()

    @contextmanager
    def locked_table(self):
        """Another client locks the whole table, as a migration would."""
        with psycopg.connect(self.url()) as connection:
            connection.execute("LOCK TABLE tasks_task IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()

    @contextmanager
    def on_every_write(self, statement):
        self.execute(ON_EVERY_WRITE.format(statement))
        try:
            yield
        finally:
            self.execute("DROP FUNCTION fault CASCADE")

    def slow(self, seconds):
        return self.on_every_write(f"PERFORM pg_sleep({seconds})")

    def out_of_space(self):
        return self.on_every_write("RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'")

    @contextmanager
    def configured(self, name, value):
        self.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.execute("SELECT pg_reload_conf()")
        # The postmaster reads the change and tells its processes. Each of them follows a moment later.
        until(lambda: self.execute(f"SHOW {name}") == [(value,)])
        time.sleep(0.2)
        try:
            yield
        finally:
            self.execute(f"ALTER SYSTEM RESET {name}")
            self.execute("SELECT pg_reload_conf()")

    def read_only(self):
        return self.configured("default_transaction_read_only", "on")
