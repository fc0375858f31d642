"""`--plans`: what the statements cost PostgreSQL, beside those with the predicates of the first version."""

import itertools
import re
from dataclasses import replace

import psycopg

from benchmarks.load import pgbench, statements
from benchmarks.load.bench import bench, rotated
from benchmarks.load.operations import ONCE
from benchmarks.machinery import dataset
from benchmarks.reports.figures import ratio
from benchmarks.runs import conditions
from benchmarks.runs.quick import IN_MEMORY

OPERATIONS = ("get", "list 20", "list 1,000", "put", "toggle", "delete")
ROUNDS = 7
# pgbench takes whole seconds.
SECONDS = 1
CONNECTIONS = 2
EXECUTIONS = 30
# Where the names of users sort among all. PostgreSQL's estimate of a range of names depended on it.
USERS = {"first": "doomed-0", "in the middle": "long-7", "last": "writer-999"}
NAME = re.compile(r"^'[a-z]+-\d+'$")
TASK, USER = r'"tasks_task"\."id"', r'"tasks_task"\."user_id"'
# One task was the end of a range of (user_id, id), and a list a range of names, so that no other user's row was looked
# at. Such statements named the user several times, and were planned anew for many users.
FORMER = (
    (
        re.compile(rf"{USER} = \((\$\d+)\) AND {TASK} = \((\$\d+)\)"),
        r'"tasks_task"."user_id" = \1 AND ("tasks_task"."user_id", "tasks_task"."id") <= (\1, \2)'
        r' AND "tasks_task"."id" >= \2',
    ),
    (
        re.compile(rf"{USER} = \((\$\d+)\) AND {TASK} >= \(\$\d+\) AND {TASK} <= \(\$\d+\)"),
        r'"tasks_task"."user_id" = \1 AND "tasks_task"."user_id" >= \1 AND "tasks_task"."user_id" <= \1',
    ),
    (re.compile(r"LIMIT \$\d+"), "LIMIT 2001"),
)
# Each way to send the statements: as they were or are, pgbench's protocol, and the mode in which they are planned.
WAYS = {
    "now": (False, "prepared", "force_generic_plan"),
    "before": (True, "prepared", "auto"),
    # Through a pooler that loses prepared statements, or takes no options.
    "unnamed": (False, "extended", "auto"),
}


def former(sent):
    sql = sent.sql
    for pattern, replacement in FORMER:
        sql = pattern.sub(replacement, sql)
    return replace(sent, sql=sql)


def sent_as(sent, way):
    return former(sent) if WAYS[way][0] else sent


def set_mode(on, mode):
    with psycopg.connect(on.url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {on.database} SET plan_cache_mode = {mode}")


def measure(on, sent):
    """PostgreSQL's CPU milliseconds for a statement, by operation and way, a figure for each round."""
    spent = {operation: {way: [] for way in WAYS} for operation in sent}
    for number in range(ROUNDS):
        for operation, way in itertools.product(sent, rotated(WAYS, number)):
            if operation in ONCE:
                on.restore()
            _, protocol, mode = WAYS[way]
            set_mode(on, mode)
            statement = sent_as(sent[operation], way)
            measured = pgbench.measure(on, operation, statement, CONNECTIONS, SECONDS, 0, protocol)
            spent[operation][way].append(measured["postgresql_ms"])
    return spent


def counts(on, sent, mode):
    """How often the statement was planned for any values, and for its values, of EXECUTIONS, by the user's place."""
    found = {}
    for place, user in USERS.items():
        used = len(set(statements.PARAMETER.findall(sent.sql)))
        values = ", ".join(NAME.sub(f"'{user}'", value) for value in sent.values[:used])
        with psycopg.connect(on.url) as connection:
            connection.execute(f"SET plan_cache_mode = {mode}")
            connection.execute(f"PREPARE counted AS {sent.sql}")
            for _ in range(EXECUTIONS):
                connection.execute(f"EXECUTE counted ({values})")
            asked = connection.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
            found[place] = asked.fetchone()
            connection.rollback()
    return found


def planned(on, sent):
    """By operation: the counts before and now, and now where the server takes no options."""
    return {
        operation: {
            "before": counts(on, former(statement), "auto"),
            "now": counts(on, statement, "force_generic_plan"),
            "now, without options": counts(on, statement, "auto"),
        }
        for operation, statement in sent.items()
    }


def run(command, say):
    with bench(**IN_MEMORY) as on:
        dataset.fill(on.url)
        described = conditions.description(on, command)
        sent = statements.sent_by_service(on.url, OPERATIONS)
        on.restore()
        say("Plans for any values, and for the values of one execution")
        plans = planned(on, sent)
        say(f"CPU of {len(sent)} operations, {ROUNDS} rounds")
        spent = measure(on, sent)
    beside = {
        operation: {way: vars(ratio(by_way[way], by_way["before"])) for way in ("now", "unnamed")}
        for operation, by_way in spent.items()
    }
    return described | {"rounds": ROUNDS, "executions": EXECUTIONS, "plans": plans, "spent": spent, "beside": beside}
