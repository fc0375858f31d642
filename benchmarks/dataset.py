"""The tasks that every candidate starts each of its turns with, and the requests about them."""

import json
import random
from dataclasses import dataclass

import psycopg

FIRST = 100_000_000_000
DESCRIPTION = "Ask for the delivery date, the discount for a pallet, and who signs for it on arrival."


@dataclass(frozen=True)
class Group:
    """Users of one kind, each with the same number of tasks; task `n` belongs to user `n % users`.

    So a user's tasks lie far apart in the table, as they do where many users write at once. The ids are UUIDs
    version 7 that rise with `n`, and end in its twelve digits: pgbench can make them from a number.
    """

    name: str
    number: int
    users: int
    tasks: int

    def user(self, n):
        return f"{self.name}-{n % self.users}"

    def id(self, n):
        return f"0197a000-0000-7000-800{self.number}-{FIRST + n}"

    def __len__(self):
        return self.users * self.tasks


READERS = Group("reader", 0, users=2_000, tasks=20)
WRITERS = Group("writer", 1, users=2_000, tasks=20)
LONG = Group("long", 2, users=40, tasks=1_000)
# As many as the fastest candidate deletes in one turn, and more; a delete of a row that is gone would fail the run.
DOOMED = Group("doomed", 3, users=4_000, tasks=20)
GROUPS = (READERS, WRITERS, LONG, DOOMED)

SEED = """
INSERT INTO seed (id, user_id, title, description, is_completed, created_at, updated_at)
SELECT ('0197a000-0000-7000-800' || %(number)s || '-' || %(first)s + n)::uuid,
       %(name)s || '-' || n %% %(users)s,
       'Task ' || n || ': call the supplier about the order',
       CASE WHEN n %% 3 > 0 THEN %(description)s END,
       n %% 2 = 0,
       timestamptz '2025-06-24 08:00:00.123456Z' + n * interval '1.001001 seconds',
       timestamptz '2025-07-24 08:00:00.654321Z' + n * interval '1.001001 seconds'
FROM generate_series(0, %(rows)s::bigint - 1) AS n
"""


def fill(url):
    """Makes the table of what `restore` puts back."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE seed (LIKE tasks_task)")
        for group in GROUPS:
            values = vars(group) | {"rows": len(group), "first": FIRST, "description": DESCRIPTION}
            # Literals, not parameters: their types are then clear to PostgreSQL.
            psycopg.ClientCursor(connection).execute(SEED, values)


def restore(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE tasks_task")
        connection.execute("INSERT INTO tasks_task SELECT * FROM seed ORDER BY id")
        connection.execute("VACUUM ANALYZE tasks_task")
        connection.execute("CHECKPOINT")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: dict | None = None
    status: int = 200

    def encoded(self):
        """What goes over the socket."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        if self.body is None:
            return f"{head}\r\n".encode()
        content = json.dumps(self.body)
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n{content}".encode()


def list_1000(n):
    return Request("GET", f"/api/{LONG.user(n)}/tasks")


def list_20(n):
    return Request("GET", f"/api/{READERS.user(n)}/tasks")


def get(n):
    return Request("GET", f"/api/{READERS.user(n)}/tasks/{READERS.id(n)}")


def create(n):
    body = {"title": f"Task {n}: send the offer to the customer", "description": DESCRIPTION}
    return Request("POST", f"/api/creator-{n % 2_000}/tasks", body, status=201)


def put(n):
    body = {"title": f"Task {n}: call the customer back", "is_completed": n % 2 == 0}
    return Request("PUT", f"/api/{WRITERS.user(n)}/tasks/{WRITERS.id(n)}", body)


def toggle(n):
    return Request("PATCH", f"/api/{WRITERS.user(n)}/tasks/{WRITERS.id(n)}/complete")


def delete(n):
    return Request("DELETE", f"/api/{DOOMED.user(n)}/tasks/{DOOMED.id(n)}")


OPERATIONS = {
    "list 1,000": list_1000,
    "list 20": list_20,
    "get": get,
    "create": create,
    "put": put,
    "toggle": toggle,
    "delete": delete,
}
MIX = {"list 20": 60, "get": 15, "create": 10, "toggle": 10, "put": 5}
WORKLOADS = (*OPERATIONS, "mix")


class Requests:
    """What one candidate is sent in one turn, the same for each: rows at random, but every delete another row."""

    COUNT = 4_000

    def __init__(self):
        chance = random.Random(20)
        self.made = {}
        for name, operation in OPERATIONS.items():
            count = len(DOOMED) if name == "delete" else self.COUNT
            numbers = range(count) if name == "delete" else (chance.randrange(len(READERS)) for _ in range(count))
            self.made[name] = [operation(n) for n in numbers]
        names = chance.choices(list(MIX), weights=MIX.values(), k=self.COUNT)
        self.made["mix"] = [OPERATIONS[name](chance.randrange(len(READERS))) for name in names]
        self.encoded = {
            name: [(request.encoded(), request.status) for request in made] for name, made in self.made.items()
        }
        self.deleted = 0

    def of(self, workload):
        return self.encoded[workload][self.deleted if workload == "delete" else 0 :]

    def used(self, workload, count):
        """Keeps rows that may be gone from being deleted again."""
        if workload == "delete":
            self.deleted += count
