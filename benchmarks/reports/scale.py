"""The sections about tables and lists that grow, and the plans of the statements."""

from benchmarks.reports.conditions import in_words
from benchmarks.reports.figures import Spread
from benchmarks.reports.markdown import figure, table, times

MIB = 1024**2


def sections(results):
    tasks = {size: made["tasks"] for size, made in results["tables"].items()}
    return [
        "## As the table grows\n",
        in_words(results),
        f"Each table has users with 20 and users with 1,000 tasks, spread through it. In each of {results['rounds']} "
        f"rounds the tables take turns of {results['requests']} requests, of which the second half is measured. Each "
        f"figure is the median of the turns' medians; in bold its ratio to the smallest table's, with the lowest and "
        f"the highest round.\n",
        operations(results["operations"], tasks, loaded(results)),
        clustered(results["clustered"]),
        "### The plans\n",
        "The index that each statement used, the pages it touched, and the rows it read and dropped.\n",
        plans(results["plans"]),
        "### Pages of a long list\n",
        "One user has a hundredth of each table's tasks, of which one in twenty is open. A page has 50 tasks. In bold "
        "its ratio to the first page of the same list.\n",
        operations(results["pages"]["operations"], results["pages"]["tasks"]),
        plans(results["pages"]["plans"]),
        "## One user's list, as it grows\n",
        "Medians to the last byte, over one connection, and the peak of the worker's memory above its idle memory.\n",
        lists(results["lists"]),
    ]


def operations(measured, tasks, more=()):
    """`tasks`: their number in the table or in the list, by size."""
    head = ["", *(f"{count:,} tasks, ms" for count in tasks.values())]
    names = next(iter(measured.values()))
    return table(head, [*([name, *(cell(by_name[name]) for by_name in measured.values())] for name in names), *more])


def loaded(results):
    """The last row: how long each table took to fill, and its size."""
    made = results["tables"].values()
    cells = [f"loaded in {figure(each['load_seconds'], 2)} s, {figure(each['bytes'] / MIB)} MiB" for each in made]
    return [["the table", *cells]]


def cell(measured):
    return f"{figure(measured['p50_ms'])}, {times(Spread(**measured['ratio']), 3)}"


def clustered(results):
    measured = "; ".join(f"{name} {cell(each)}" for name, each in results["operations"].items())
    return (
        f"A list takes longer in a larger table because each of its tasks lies on another page. After "
        f"`CLUSTER tasks_task USING task_user_id_id`, which took {figure(results['seconds'], 2)} s with "
        f"{results['size']:,} tasks, they lie side by side: {measured}.\n"
    )


def plans_in_full(results):
    parts = []
    for size, by_name in results["plans"].items():
        parts.append(f"# EXPLAIN with {int(size):,} tasks\n")
        by_name = by_name | results["pages"]["plans"][size]
        parts += [f"## {name}\n\n```\n{plan['text']}\n```\n" for name, plan in by_name.items()]
    return "\n".join(parts)


def plans(explained):
    sizes = list(explained)
    head = ["", "index", *(f"{int(size):,} tasks: pages, rows dropped" for size in sizes)]
    lines = []
    for name, plan in explained[sizes[-1]].items():
        found = [explained[size][name] for size in sizes]
        index = " ".join(f"`{name}`" for name in plan["indexes"]) or "none"
        lines.append([name, index, *(f"{each['pages']:,}, {each['removed']:,}" for each in found)])
    return table(head, lines)


def lists(measured):
    head = ["tasks", "ms", "µs a task", "bytes", "peak, MiB", "peak beyond its own bytes, MiB"]
    return table(head, map(list_row, measured))


def list_row(measured):
    beyond = max(0, measured["peak_bytes"] - measured["bytes"])
    return [
        f"{measured['tasks']:,}",
        figure(measured["ms"]),
        figure(measured["ms"] * 1000 / measured["tasks"]),
        f"{measured['bytes']:,}",
        figure(measured["peak_bytes"] / MIB, 2),
        figure(beyond / MIB, 2),
    ]
