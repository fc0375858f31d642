"""wrk, which measures the rate that a candidate reaches: it costs far less CPU time than the built-in driver."""

import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.load.driver import Outcome

SCRIPT = Path(__file__).with_name("requests.lua")
# More than any candidate answers in a run: wrk starts again at the end, and no delete may be sent twice.
REQUESTS = 40_000
HINT = "wrk is not installed (Debian and Ubuntu: sudo apt install wrk): the built-in driver measures the rates instead."
FIGURES = re.compile(r"requests=(\d+) microseconds=(\d+) refused=(\d+) broken=(\d+)")


def is_installed():
    return shutil.which("wrk") is not None


def version():
    """Such as `debian/4.1.0-3+b2`, from the line that wrk prints before its usage."""
    words = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split()
    return words[1] if words[:1] == ["wrk"] else "of unknown version"


def saturate(port, requests, connections, seconds, folder):
    """Does what `driver.saturate` does, but the requests under way at the end stay unanswered.

    An answer is wrong with a status of 400 or more: wrk cannot compare it with the one that the request wants.
    """
    file = Path(folder) / "requests"
    file.write_bytes(b"\1".join(request for request, _ in requests[:REQUESTS]))
    options = ["-t", "1", "-c", connections, "-d", f"{seconds}s", "--timeout", "60s", "-s", SCRIPT]
    command = ["wrk", *options, f"http://127.0.0.1:{port}", "--", file]
    output = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout
    answered, microseconds, refused, broken = map(int, FIGURES.search(output).groups())
    wrong = ["a status of 400 or more"] * refused + ["a broken connection"] * broken
    return Outcome(answered, microseconds / 1e6, refused=wrong)
