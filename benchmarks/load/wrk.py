"""wrk, which costs the machine far less than the built-in driver: for the rate that a candidate reaches."""

import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.load.driver import Outcome

SCRIPT = Path(__file__).with_name("requests.lua")
# More than any candidate answers in a run; deletes are not sent twice.
REQUESTS = 40_000
HINT = "wrk is not installed (Debian and Ubuntu: sudo apt install wrk): the built-in driver measures the rates."
FIGURES = re.compile(r"requests=(\d+) microseconds=(\d+) refused=(\d+) broken=(\d+)")


def is_installed():
    return shutil.which("wrk") is not None


def version():
    """Its own words, such as `debian/4.1.0-3+b2`; wrk knows no other way to ask."""
    words = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split()
    return words[1] if words[:1] == ["wrk"] else "of unknown version"


def saturate(port, requests, connections, seconds, folder):
    """As `driver.saturate`, but the requests under way at the end stay unanswered.

    Wrong is a status of 400 and more; which of the others it must be has been compared before.
    """
    file = Path(folder) / "requests"
    file.write_bytes(b"\1".join(request for request, _ in requests[:REQUESTS]))
    options = ["-t", "1", "-c", connections, "-d", f"{seconds}s", "--timeout", "60s", "-s", SCRIPT]
    command = ["wrk", *options, f"http://127.0.0.1:{port}", "--", file]
    output = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout
    answered, microseconds, refused, broken = map(int, FIGURES.search(output).groups())
    wrong = ["a status of 400 or more"] * refused + ["a broken connection"] * broken
    return Outcome(answered, microseconds / 1e6, refused=wrong)
