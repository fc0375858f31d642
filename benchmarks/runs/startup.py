"""How long the service takes to its first answer, and how long Django alone takes with the same settings."""

import subprocess
import sys
import time
from statistics import median

from benchmarks.machinery.candidates import ROOT, SERVICE
from testbed.client import is_serving
from testbed.postgres import free_port

RUNS = 5
POLL_SECONDS = 0.002
LIMIT_SECONDS = 30


def first_answer(url):
    """Seconds from the start of gunicorn to the answer of a list, which has asked the database."""
    port = free_port()
    command = [sys.executable, "-m", *SERVICE.command]
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=SERVICE.variables(url, port))
    try:
        while not is_serving(port, LIMIT_SECONDS):
            if process.poll() is not None or time.perf_counter() - begin > LIMIT_SECONDS:
                raise RuntimeError("The service did not start")
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait()


def bare_setup(url):
    environment = SERVICE.variables(url, 8000) | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    begin = time.perf_counter()
    command = [sys.executable, "-c", "import django; django.setup()"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return time.perf_counter() - begin


def measure(url):
    """Medians in seconds; the two take turns."""
    pairs = [(first_answer(url), bare_setup(url)) for _ in range(RUNS)]
    service, bare = (median(times) for times in zip(*pairs, strict=True))
    return {"first_answer": service, "bare_setup": bare, "ratio": service / bare, "runs": RUNS}
