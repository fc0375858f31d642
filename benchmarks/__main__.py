"""Measures the service beside its peers.

Without an option: CPU, requests a second, latency and memory beside four peers, in half an hour.
"""

import argparse
import functools
import sys

from benchmarks.load import wrk
from benchmarks.machinery.candidates import ROOT
from benchmarks.reports import folder
from benchmarks.reports.quick import lines
from benchmarks.runs import admin, comparison, far, long_lists, plans, quick, scale
from todo_project.environment import streams

RUNS = {"comparison": comparison, "quick": quick, "far": far, "admin": admin, "plans": plans, "scale": scale}
HELP = {
    "quick": "CPU a request beside FastAPI + SQLModel, in two minutes",
    "scale": "tables and lists of very different size",
    "far": "the database a network away, in five minutes",
    "admin": "the admin's pages with ten million tasks",
    "plans": "what the statements cost PostgreSQL beside those of the first version, in six minutes",
}
EPILOG = f"""Each run writes its tables (report.md), its measurements (results.json) and, with
--scale, PostgreSQL's plans (plans.md) into a new folder in {folder.RESULTS.relative_to(ROOT)}/, which git ignores."""


def numbers(text):
    return tuple(map(int, text.split(",")))


def parse(arguments):
    """The name of the run, and its own options."""
    parser = argparse.ArgumentParser(
        prog="python3 run.py bench",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    runs = parser.add_mutually_exclusive_group()
    for name, text in HELP.items():
        runs.add_argument(f"--{name}", dest="run", action="store_const", const=name, default="comparison", help=text)
    parser.add_argument("--sizes", type=numbers, help="with --scale: of the tables, such as 10000,1000000")
    parser.add_argument("--lengths", type=numbers, help="with --scale: of one user's list, such as 1,1000")
    parsed = parser.parse_args(arguments)
    if parsed.run == "scale":
        return "scale", {"sizes": parsed.sizes or scale.SIZES, "lengths": parsed.lengths or long_lists.LENGTHS}
    if parsed.sizes or parsed.lengths:
        parser.error("--sizes and --lengths are options of --scale")
    return parsed.run, {}


def main():
    streams.use_utf8()
    name, options = parse(sys.argv[1:])
    if not sys.platform.startswith("linux"):
        sys.exit("The benchmark reads /proc, so it runs on Linux only.")
    if not wrk.is_installed() and name in ("comparison", "far"):
        print(wrk.HINT, file=sys.stderr)
    command = " ".join(["python3 run.py bench", *sys.argv[1:]])
    say = functools.partial(print, file=sys.stderr, flush=True)
    results = RUNS[name].run(command, say, **options)
    written = folder.write(name, results)
    print("\n".join(lines(results)) if name == "quick" else (written / "report.md").read_text(encoding="utf-8"))
    print(f"\nWritten to {written.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
