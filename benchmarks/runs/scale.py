"""`--scale`: the same operations on tables of very different size, and lists of very different length."""

import contextlib
import itertools
import random
import time
from dataclasses import replace

import psycopg

from benchmarks.load import driver, operations, statements
from benchmarks.load.bench import bench, rotated
from benchmarks.machinery import dataset, plans
from benchmarks.machinery.candidates import SERVICE
from benchmarks.reports.figures import percentile, ratio
from benchmarks.runs import conditions, long_lists, pages

SIZES = (10_000, 1_000_000, 10_000_000)
# In each round the sizes take turns at an operation, another one first each time, so that other work on the machine
# disturbs all of them alike. A round's ratio for a list of 1,000 lies between 0.8 and 2: the median of nine rounds, of
# turns five times as long, still moved between 1.2 and 1.5 from run to run.
ROUNDS = 45
# Of each operation in a turn, one after the other; the first half warms up.
REQUESTS = 40
# The share of the tasks that belongs to each kind of user.
SHARES = {
    dataset.READERS: 0.3,
    dataset.WRITERS: 0.1,
    dataset.LONG: 0.2,
    dataset.DOOMED: 0.2,
    dataset.GUARDED: 0.19,
    dataset.LONGEST: 0.01,
}
# So few that their tasks have been read before: the comparison is not one of disk with memory.
ACTIVE, ACTIVE_LONG = 100, 20
CLUSTERED = ("list 1,000",)


def groups(size):
    """The groups of the data set by themselves, with as many users as fill a table of this size."""
    return {group: scaled(group, size) for group in SHARES} | {dataset.CREATORS: dataset.CREATORS}


def scaled(group, size):
    """With users of 20 or 1,000 tasks, and one who has a whole share. The small table has no share for two of those."""
    share = round(size * SHARES[group])
    if group is dataset.LONGEST:
        return replace(group, tasks=share)
    tasks = dataset.LONG.tasks if group is dataset.LONG else dataset.READERS.tasks
    return replace(group, users=max(1, share // tasks), tasks=tasks)


def load(url, size):
    begin = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        kept = [group for group in groups(size).values() if group is not dataset.CREATORS]
        dataset.load(connection, kept)
        count, bytes_ = connection.execute(
            "SELECT (SELECT count(*) FROM tasks_task), pg_total_relation_size('tasks_task')"
        ).fetchone()
    return {"tasks": count, "bytes": bytes_, "load_seconds": time.perf_counter() - begin}


def numbers(operation, group, chance):
    """The tasks to send requests about; another one each time where a task is used up."""
    if operation in operations.ONCE:
        return iter(chance.sample(range(statements.NUMBER + 1, len(group)), ROUNDS * REQUESTS))
    active = [chance.randrange(len(group)) for _ in range(ACTIVE_LONG if group.name == dataset.LONG.name else ACTIVE)]
    return (active[position % len(active)] for position in range(ROUNDS * REQUESTS))


def cluster(url):
    """Puts each user's tasks side by side, in the order of the index. Returns the seconds that it takes."""
    begin = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CLUSTER tasks_task USING task_user_id_id")
        seconds = time.perf_counter() - begin
        dataset.settle(connection)
    return seconds


def turns(running, size, names):
    """The latencies in milliseconds of one operation after the other, round after round."""
    chance, own = random.Random(size), groups(size)
    asked = {name: numbers(name, own[operations.OPERATIONS[name].group], chance) for name in names}
    for name in itertools.cycle(names):
        operation = operations.OPERATIONS[name]
        made = [operation.make(own[operation.group], next(asked[name])) for _ in range(REQUESTS)]
        outcome = driver.one_after_the_other(running.port, operations.encoded(made)).checked()
        yield [seconds * 1000 for seconds in outcome.latencies[REQUESTS // 2 :]]


def latencies(on, urls, names=tuple(operations.OPERATIONS)):
    """In milliseconds, by size, operation and round."""
    measured = {size: {name: [] for name in names} for size in urls}
    with contextlib.ExitStack() as stack:
        sources = {size: turns(stack.enter_context(on.start(SERVICE, url)), size, names) for size, url in urls.items()}
        for number, name in itertools.product(range(ROUNDS), names):
            for size in rotated(sources, number):
                measured[size][name].append(next(sources[size]))
    return measured


def summaries(measured):
    """Medians, and their ratio to those of the smallest size, which is the first."""
    medians = {
        size: {name: [percentile(turn, 0.5) for turn in rounds] for name, rounds in by_operation.items()}
        for size, by_operation in measured.items()
    }
    smallest = next(iter(medians.values()))
    return {
        size: {
            name: {"p50_ms": percentile(values, 0.5), "ratio": vars(ratio(values, smallest[name]))}
            for name, values in by_operation.items()
        }
        for size, by_operation in medians.items()
    }


def clustered(on, urls):
    """The long lists of the second table after CLUSTER, beside those of the first table without."""
    _, large = urls
    seconds = cluster(urls[large])
    return {"size": large, "seconds": seconds, "operations": summaries(latencies(on, urls, CLUSTERED))[large]}


def explained(url, size, sent):
    own = groups(size)
    number = random.Random(size).randrange(statements.NUMBER + 1, size // 10)
    found = {}
    for name, statement in sent.items():
        group = own[operations.OPERATIONS[name].group]
        task = number % len(group)
        tail = dataset.FIRST + task
        time = f"'{dataset.updated_at(task)}'::timestamptz"
        found[name] = plans.explain(url, statement.about(task % group.users, tail, time))
    return found


def run(command, say, sizes=SIZES, lengths=long_lists.LENGTHS):
    with bench() as on:
        urls = {size: on.new_database(f"tasks_{size}") for size in sizes}
        results = conditions.description(on, command) | {"rounds": ROUNDS, "requests": REQUESTS}
        results["tables"] = {}
        for size, url in urls.items():
            say(f"Loading {size:,} tasks")
            results["tables"][size] = load(url, size)
        sent = statements.sent_by_service(urls[sizes[0]])
        say("Explaining the statements")
        results["plans"] = {size: explained(url, size, sent) for size, url in urls.items()}
        say("Measuring the operations")
        results["operations"] = summaries(latencies(on, urls))
        say("Pages of a long list")
        results["pages"] = pages.measure(on, urls, {size: groups(size)[dataset.LONGEST] for size in urls})
        say("Long lists in a table in the order of its index")
        results["clustered"] = clustered(on, dict(list(urls.items())[:2]))
        say("One user's list")
        results["lists"] = long_lists.measure(on, lengths)
    return results
