"""The tasks that are in the database when a candidate's turn begins."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

FIRST = 100_000_000_000
# The updated_at of task 0, and how much later that of the next task is.
FIRST_UPDATE = datetime(2025, 7, 24, 8, 0, 0, 654321, UTC)
STEP = timedelta(microseconds=1_001_001)
# Of each user's tasks one in this many is open.
OPEN_EVERY = 20
DESCRIPTION = "Ask for the delivery date, the discount for a pallet, and who signs for it on arrival."


@dataclass(frozen=True)
class Group:
    """Users of one kind, each with the same number of tasks; task `n` belongs to user `n % users`.

    So a user's tasks lie far apart in the table, as they do where many users write at once. The ids are UUIDs
    version 7 that rise with `n` and end in its twelve digits, so that pgbench can make an id from a number.
    """

    name: str
    number: int
    users: int
    tasks: int

    def user(self, n):
        return f"{self.name}-{n % self.users}"

    @property
    def prefix(self):
        return f"0197a000-0000-7000-8{self.number:03x}-"

    def id(self, n):
        return f"{self.prefix}{FIRST + n}"

    def tag(self, n):
        """The entity tag of a task as long as nobody changes it."""
        return f'"{updated_at(n).isoformat().replace("+00:00", "Z")}"'

    def __len__(self):
        return self.users * self.tasks


def updated_at(n):
    """Of task `n` of any group, as INSERT sets it."""
    return FIRST_UPDATE + n * STEP


READERS = Group("reader", 0, users=2_000, tasks=20)
WRITERS = Group("writer", 1, users=2_000, tasks=20)
LONG = Group("long", 2, users=40, tasks=1_000)
# One user of the tables that grow (runs/pages.py). The number puts the ids among those of the others, where PostgreSQL
# expects of a part of them about what is there. At the end of all ids it would expect nearly none.
LONGEST = Group("longest", 3, users=1, tasks=100_000)
# More than the fastest candidate deletes in one turn: a delete of a row that is gone would fail the run. They belong to
# as few users as there are tokens (tokens.py).
DOOMED = Group("doomed", 4, users=200, tasks=400)
# Their tasks are created in the run.
CREATORS = Group("creator", 5, users=2_000, tasks=20)
# As many. Each is changed once in a turn, on the condition that nobody has changed it, so that its tag is known.
GUARDED = Group("guarded", 6, users=200, tasks=400)
FILLED = (READERS, WRITERS, LONG, DOOMED, GUARDED)
# A table is filled in this many parts, each with some tasks of every group, and these mixed.
PARTS = 50

INSERT = """
INSERT INTO tasks_task (id, user_id, title, description, is_completed, created_at, updated_at)
SELECT (own.prefix || %(first)s + n)::uuid,
       own.name || '-' || n %% own.users,
       'Task ' || n || ': call the supplier about the order',
       CASE WHEN n %% 3 > 0 THEN %(description)s END,
       n / own.users %% %(every)s > 0,
       timestamptz '2025-06-24 08:00:00.123456Z' + n * interval '1.001001 seconds',
       %(first_update)s + n * %(step)s
FROM unnest(%(prefixes)s::text[], %(names)s::text[], %(users)s::bigint[], %(starts)s::bigint[], %(stops)s::bigint[])
       AS own(prefix, name, users, start, stop),
     generate_series(own.start, own.stop - 1) AS n
ORDER BY (n - own.start)::float / (own.stop - own.start)
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'tasks_task'::regclass AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
"""


def load(connection, groups):
    """Fills the table with the groups' tasks. PostgreSQL generates them, so none goes over the connection."""
    # ClientCursor sends literals, whose types are clear to PostgreSQL, and not parameters.
    cursor = psycopg.ClientCursor(connection)
    columns = {"prefixes": [group.prefix for group in groups], "names": [group.name for group in groups]}
    columns |= {"users": [group.users for group in groups], "first": FIRST, "description": DESCRIPTION}
    columns |= {"first_update": FIRST_UPDATE, "step": STEP, "every": OPEN_EVERY}
    with without_indexes(connection):
        for part in range(PARTS):
            starts, stops = ([len(group) * (part + end) // PARTS for group in groups] for end in (0, 1))
            cursor.execute(INSERT, columns | {"starts": starts, "stops": stops})
    settle(connection)


@contextlib.contextmanager
def without_indexes(connection):
    """Drops the indexes that belong to no constraint, gives their names, and creates them again.

    An index is created in a tenth of the time when the rows are there first.
    """
    indexes = connection.execute(INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield [name for name, _ in indexes]
    for _, definition in indexes:
        connection.execute(definition)


def settle(connection):
    """Does now what the server would do later about the rows written."""
    connection.execute("VACUUM ANALYZE tasks_task")
    connection.execute("CHECKPOINT")


def fill(url):
    """Loads the tasks, and keeps the copy that `restore` puts back."""
    with psycopg.connect(url, autocommit=True) as connection:
        load(connection, FILLED)
        connection.execute("CREATE TABLE seed AS TABLE tasks_task")


def restore(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE tasks_task")
        with without_indexes(connection):
            connection.execute("INSERT INTO tasks_task SELECT * FROM seed")
        settle(connection)
