"""The limit: pgbench sends the service's statements, prepared as by the service, over as many connections."""

import re
import time
from dataclasses import replace

import psycopg

from benchmarks.load.operations import ONCE, OPERATIONS
from benchmarks.machinery.dataset import DOOMED, FIRST, FIRST_UPDATE, STEP
from testbed import processes

TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
LITERAL = re.compile(r"(?:'(.*)'|(\w+))(?:::[\w\[\]]+)?", re.DOTALL)
VARIABLE = re.compile(r"'([^']*)(:user|:tail)'")
CHANGED = "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = 'tasks_task'"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
WRITES = ("create", "put", "conditional put", "toggle", "delete")


def script(operation, sent):
    """A script of pgbench. Each client counts its transactions in `i`: some tasks can be used once alone."""
    group = OPERATIONS[operation].group
    is_once = operation in ("create", *ONCE)
    number = ":first + :i * :clients + :client_id" if is_once else f"random(0, {len(group) - 1})"
    lines = ["\\set i :i + 1", f"\\set n {number}", f"\\set user :n % {group.users}", f"\\set tail {FIRST} + :n"]
    time = f"'{FIRST_UPDATE}'::timestamptz + :n * '{STEP}'::interval"
    about, same = sent.about(":user", ":tail", time), fixed(sent)
    values = [f":{name}" if name in same else value for name, value in named(about)]
    return "\n".join([*lines, parameterized(replace(about, values=values).text) + ";\n"])


def named(sent):
    return [(f"value_{number}", value) for number, value in enumerate(sent.values, 1)]


def fixed(sent):
    """The values that are the same for each task, by the name of a variable.

    As literals PostgreSQL would plan for them, but the service sends parameters.
    """
    about = sent.about(":user", ":tail", ":n")
    same = [pair for pair, other in zip(named(sent), about.values, strict=True) if pair[1] == other]
    texts = {name: next(filter(None, LITERAL.fullmatch(value).groups())) for name, value in same}
    return {name: text.replace("''", "'") for name, text in texts.items()}


def parameterized(statement):
    """Moves variables out of string literals, where pgbench would not make parameters of them."""
    return VARIABLE.sub(r"('\1' || \2)", statement)


def changed(url):
    """Rows changed so far. Waits for the other sessions, because each reports its count when it ends."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(OTHERS).fetchone()[0]:
            time.sleep(0.02)
        return connection.execute(CHANGED).fetchone()[0]


def measure(on, operation, sent, connections, seconds, first, protocol="prepared"):
    """Transactions a second, and PostgreSQL's CPU milliseconds for one; `first`: of the tasks that are used once."""
    file = on.cluster.folder / "statement.sql"
    file.write_text(script(operation, sent), encoding="utf-8")
    before, spent = changed(on.url), processes.settle(on.postmaster)
    given = {"i": -1, "clients": connections, "first": first} | fixed(sent)
    variables = [f"--define={name}={value}" for name, value in given.items()]
    where = ["--host=127.0.0.1", f"--port={on.cluster.port}", "--username=postgres", f"--file={file}"]
    load = ["--no-vacuum", f"--protocol={protocol}", f"--client={connections}", "--jobs=2", f"--time={seconds}"]
    output = on.cluster.run("pgbench", *variables, *where, *load, on.database)
    count = int(TRANSACTIONS.search(output)[1])
    rows = changed(on.url) - before
    if not count:
        raise RuntimeError(f"{operation}: pgbench did not connect within {seconds} s: the machine is too busy")
    if operation in WRITES and rows != count:
        raise RuntimeError(f"{operation}: {count} transactions changed {rows} rows")
    cpu = (processes.settle(on.postmaster) - spent) * 1000 / count
    return {"rate": float(TPS.search(output)[1]), "postgresql_ms": cpu}


def turn(on, sent, seconds):
    """By operation and number of connections; `seconds`: the duration by number of connections."""
    on.restore()
    share = len(DOOMED) // len(seconds)
    return {
        operation: {
            str(connections): measure(on, operation, statement, connections, duration, position * share)
            for position, (connections, duration) in enumerate(seconds.items())
        }
        for operation, statement in sent.items()
    }
