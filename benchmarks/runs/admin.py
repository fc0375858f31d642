"""`--admin`: the admin's pages on one large table, beside Django's admin with no options and with the usual ones."""

import itertools
import secrets
import time
from http import HTTPStatus
from statistics import median

import psycopg

from benchmarks.load.bench import bench
from benchmarks.machinery import dataset
from benchmarks.machinery.candidates import SERVICE, Candidate
from benchmarks.runs import conditions
from testbed.session import Session, create_admin

SIZE = 10_000_000
REPEATS = 7
# A slow page is not repeated for longer than this.
LIMIT_SECONDS = 10
PARTS = 50
SITES = {"this service": "/admin/", "stock": "/admin/stock/", "usual": "/admin/usual/"}
ADMIN = Candidate(
    "admin",
    SERVICE.command,
    # The stock pages get the time that they need.
    {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.stock_admin_settings", "STATEMENT_TIMEOUT_MS": "600000"},
)
# One user has a tenth of all tasks, and three tasks are completed. "walrus" is in a hundred titles, "legacy" in the
# oldest thousandth only, "audit" in a hundredth, "about" in all.
FILL = """
INSERT INTO tasks_task (id, user_id, title, description, is_completed, created_at, updated_at)
SELECT ('0197a000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       CASE WHEN n %% 10 = 0 THEN 'large' ELSE 'user-' || n %% (%(size)s / 20) END,
       (ARRAY['Call', 'Write to', 'Pay', 'Ask', 'Visit', 'Thank', 'Remind'])[1 + n %% 7] || ' ' ||
       (ARRAY['the supplier', 'the printer', 'the school', 'the landlord', 'a dentist', 'the team', 'customer care',
              'the library', 'our neighbours', 'the garage', 'the accountant'])[1 + n %% 11] || ' about ' ||
       (ARRAY['the order', 'an invoice', 'next week', 'the meeting', 'a refund', 'tickets', 'the contract', 'a new key',
              'the delivery', 'insurance', 'the report', 'holidays', 'the roof'])[1 + n %% 13] || ' ' || n ||
       CASE WHEN n %% (%(size)s / 100) = 7 THEN ' walrus' WHEN n < %(size)s / 1000 THEN ' legacy'
            WHEN n %% 100 = 3 THEN ' audit' ELSE '' END,
       CASE WHEN n %% 3 > 0 THEN %(description)s END,
       n %% (%(size)s / 3) = 1,
       timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second',
       timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
FROM generate_series(%(start)s::bigint, %(stop)s::bigint - 1) AS n
"""


def task_id(number):
    return f"0197a000-0000-7000-8000-{number:012}"


def fill(url, size):
    begin = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        with dataset.without_indexes(connection) as indexes:
            for part in range(PARTS):
                start, stop = (size * (part + end) // PARTS for end in (0, 1))
                values = {"size": size, "start": start, "stop": stop, "description": dataset.DESCRIPTION}
                cursor.execute(FILL, values)
        dataset.settle(connection)
        bytes_ = {name: size_of(connection, name) for name in ("tasks_task", *indexes)}
    return {"tasks": size, "bytes": bytes_, "load_seconds": time.perf_counter() - begin}


def size_of(connection, name):
    return connection.execute("SELECT pg_relation_size(%s::regclass)", [name]).fetchone()[0]


def pages(size):
    """By name: the path below the list of tasks, and the sites that have the page."""
    middle = task_id(size // 2)
    own, searching = ("this service",), ("this service", "usual")
    return {
        "the list": ("", SITES),
        "page 2": ("?p=2", SITES),
        "page 100": ("?p=100", SITES),
        "the last page": (f"?p={size // 100}", ("stock", "usual")),
        "the oldest first": ("?o=1", own),
        "open": ("?is_completed__exact=0", searching),
        "completed: 3 of all": ("?is_completed__exact=1", searching),
        "a user's 20 tasks": ("?user_id=user-7", own),
        "a user's tenth of all": ("?user_id=large", own),
        "that user's completed": ("?user_id=large&is_completed__exact=1", own),
        "search: a task's id": (f"?q={middle}", searching),
        "search: a user id": ("?q=user-7", searching),
        "search: a word of 100 titles": ("?q=walrus", searching),
        "search: a word of the oldest": ("?q=legacy", searching),
        "search: a word of a hundredth": ("?q=audit", searching),
        "search: a word of all": ("?q=about", searching),
        "search: two words": ("?q=dentist+walrus", searching),
        "search: two words, never together": ("?q=dentist+garage", searching),
        "search: two letters": ("?q=ro", searching),
        "search: two letters of no title": ("?q=zq", searching),
        "search: no such word": ("?q=xylophone", searching),
        "search: no such word, completed": ("?q=xylophone&is_completed__exact=1", searching),
        "a new task": ("add/", SITES),
        "a task": (f"{middle}/change/", SITES),
        "its history": (f"{middle}/history/", SITES),
        "its deletion": (f"{middle}/delete/", SITES),
    }


def posts(size):
    """By name: the path, the sites, and what makes the form of the next submission."""
    middle = task_id(size // 2)
    ids = [task_id(size - number) for number in range(1, 101)]
    number = itertools.count()
    selected = {"_selected_action": ids, "index": "0", "select_across": "0"}
    return {
        "save a task": (
            f"{middle}/change/",
            SITES,
            lambda: {"user_id": "user-1", "title": f"Title {next(number)}", "initial-title": "Title"},
        ),
        "mark 100 tasks": (
            "",
            ("this service",),
            lambda: selected | {"action": ("mark_completed", "mark_open")[next(number) % 2]},
        ),
        "delete 100 tasks: the question": ("", SITES, lambda: selected | {"action": "delete_selected"}),
        "export 100 tasks": ("", ("this service",), lambda: selected | {"action": "export_jsonl"}),
    }


def timed(send):
    """Milliseconds, median and slowest, after one request to warm up. Raises RuntimeError for another status."""
    seconds, begin = [], time.perf_counter()
    while len(seconds) <= REPEATS and time.perf_counter() - begin < LIMIT_SECONDS:
        answer = send()
        if answer.status not in (200, 302):
            raise RuntimeError(f"Status {answer.status}")
        seconds.append(answer.seconds)
    # Where the first request took all of the time, there is no other one to count.
    counted = seconds[1:] or seconds
    return {"p50_ms": median(counted) * 1000, "slowest_ms": max(counted) * 1000, "repeats": len(counted)}


def measure(session, size, say):
    measured = {}
    for name, (path, sites) in pages(size).items():
        say(name)
        where = {site: f"{SITES[site]}tasks/task/{path}" for site in sites}
        measured[name] = {site: timed(lambda url=url: session.send("GET", url)) for site, url in where.items()}
    for name, (path, sites, data) in posts(size).items():
        say(name)
        where = {site: f"{SITES[site]}tasks/task/{path}" for site in sites}
        measured[name] = {
            site: timed(lambda url=url, data=data: session.send("POST", url, data())) for site, url in where.items()
        }
    say("the front page")
    measured["the front page"] = {site: timed(lambda url=url: session.send("GET", url)) for site, url in SITES.items()}
    return measured


def measured_on(on, url, size, say):
    password = secrets.token_urlsafe()
    create_admin(SERVICE.variables(url, 8000), "admin", password)
    with on.start(ADMIN, url) as running:
        session = Session(running.port, timeout=600)
        if session.log_in("admin", password) != HTTPStatus.FOUND:
            raise RuntimeError("The log-in failed")
        return measure(session, size, say)


def run(command, say, size=SIZE):
    with bench(maintenance_work_mem="1GB") as on:
        url = on.new_database("admin")
        results = conditions.description(on, command)
        say(f"Loading {size:,} tasks")
        results["table"] = fill(url, size)
        results["pages"] = measured_on(on, url, size, say)
    return results
