"""Measures the service against its peers: `python3 run.py bench [--quick]`."""

import argparse
import sys

from benchmarks import quick


def main():
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="CPU a request against FastAPI + SQLModel, in a minute")
    parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("The benchmark reads /proc, so it runs on Linux only.")
    quick.run()


if __name__ == "__main__":
    main()
