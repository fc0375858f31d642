"""The section about the admin."""

from benchmarks.reports.conditions import in_words
from benchmarks.reports.markdown import figure, table

MIB = 1024**2
GOAL_MS = 300
SITES = {
    "this service": "this service",
    "stock": "`admin.site.register(Task)`",
    "usual": "with list_display, list_filter and search_fields",
}


def sections(results):
    made, pages = results["table"], results["pages"]
    sizes = ", ".join(f"`{name}` {figure(size / MIB)} MiB" for name, size in made["bytes"].items())
    own = [by_site["this service"]["slowest_ms"] for by_site in pages.values() if "this service" in by_site]
    return [
        "## The admin\n",
        in_words(results),
        f"{made['tasks']:,} tasks, loaded in {figure(made['load_seconds'], 2)} s: {sizes}. One user has a tenth of all "
        "tasks, and three tasks are completed. Milliseconds from the request to the last byte, one request at a time: "
        "the median, and in brackets the slowest. A dash: the site has no such page.\n",
        table(["", *SITES.values()], [[name, *map(cell, map(by_site.get, SITES))] for name, by_site in pages.items()]),
        f"Of the service's {len(own)} pages, {sum(slowest <= GOAL_MS for slowest in own)} answered each request within "
        f"{GOAL_MS} ms; the slowest took {figure(max(own))} ms.\n",
    ]


def cell(measured):
    return f"{figure(measured['p50_ms'])} ({figure(measured['slowest_ms'])})" if measured else "-"
