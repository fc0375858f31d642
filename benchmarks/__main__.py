"""Measures the service against its peers: `python3 run.py bench [--quick]`."""

import argparse
import functools
import sys

from benchmarks.load import wrk
from benchmarks.reports import page as report
from benchmarks.runs import admin, comparison, far, long_lists, quick, scale


def numbers(text):
    return tuple(map(int, text.split(",")))


def main():
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="CPU a request against FastAPI + SQLModel, in a minute")
    parser.add_argument("--scale", action="store_true", help="tables and lists of very different size")
    parser.add_argument("--far", action="store_true", help="the database a network away, in five minutes")
    parser.add_argument("--admin", action="store_true", help="the admin's pages with ten million tasks")
    parser.add_argument("--sizes", type=numbers, default=scale.SIZES, help="of the tables, as in 10000,1000000")
    parser.add_argument("--lengths", type=numbers, default=long_lists.LENGTHS, help="of one user's list")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("The benchmark reads /proc, so it runs on Linux only.")
    if not wrk.is_installed() and not arguments.quick:
        print(wrk.HINT, file=sys.stderr)
    command = " ".join(["python3 run.py bench", *sys.argv[1:]])
    say = functools.partial(print, file=sys.stderr, flush=True)
    if arguments.quick:
        report.keep("quick", quick.run())
    elif arguments.far:
        report.keep("far", far.run(command, say))
    elif arguments.admin:
        report.keep("admin", admin.run(command, say))
    elif arguments.scale:
        report.keep("scale", scale.run(command, say, arguments.sizes, arguments.lengths))
    else:
        report.keep("comparison", comparison.run(command, say))
    if not arguments.quick:
        print(report.DOCUMENT.read_text())


if __name__ == "__main__":
    main()
