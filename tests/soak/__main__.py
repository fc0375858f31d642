"""The long versions of the tests of faults, and docs/reliability.md from their figures: `python3 run.py soak`."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.soak import faults, inputs, report, steady
from tests.support.service import ROOT
from todo_project.environment import streams

REPORT = ROOT / "docs" / "reliability.md"
MOST_GROWTH_KIB = 2048


def options():
    parser = argparse.ArgumentParser(prog="python3 run.py soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600, help="of steady load (default 3600)")
    parser.add_argument("--kills", type=int, default=100, help="faults of ten kinds (default 100)")
    parser.add_argument("--failovers", type=int, default=20, help="of a synchronous pair (default 20)")
    parser.add_argument("--inputs", type=int, default=200_000, help="malformed requests, in steps of 20,000")
    parser.add_argument("--rounds", type=int, default=5, help="of 10,000 concurrent operations, on each database")
    parser.add_argument("--output", type=Path, default=REPORT, help="the page to write (default docs/reliability.md)")
    return parser.parse_args()


def say(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)


def survive(asked, folder):
    fewer = max(1, asked.kills // 10)
    return {
        **faults.on_postgresql(asked.kills, folder, say),
        **faults.behind_pgbouncer(max(3, fewer), folder, say),
        **faults.on_sqlite(fewer, folder, say),
        **faults.of_a_pair(asked.failovers, folder, say),
    }


def main():
    streams.use_utf8()
    asked, begin = options(), time.monotonic()
    # SIGTERM becomes an exit, so that the servers started here end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        survived = survive(asked, folder)
        input_faults = inputs.hostile(asked.inputs, folder, say)
        operations, unexplained = inputs.linearizable(asked.rounds, folder, say)
        steadily, grown_kib = steady.run(asked.seconds, folder, say)
    page = report.page(
        survived,
        steadily,
        command=" ".join(["python3 run.py soak", *sys.argv[1:]]),
        minutes=(time.monotonic() - begin) / 60,
        steady_seconds=asked.seconds,
        grown=grown_kib / 1024,
        operations=operations,
        unexplained=unexplained,
        inputs=asked.inputs // inputs.AT_ONCE * inputs.AT_ONCE,
        input_faults=input_faults,
        shortest=faults.SHORTEST,
        longest=faults.LONGEST,
    )
    asked.output.write_text(page, encoding="utf-8")
    is_good = all(figures.is_good for figures in [*survived.values(), steadily])
    sys.exit(not is_good or bool(input_faults or unexplained) or grown_kib > MOST_GROWTH_KIB)


if __name__ == "__main__":
    main()
