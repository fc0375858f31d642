"""How long the service takes to its first answer, against what Django alone takes with the same settings."""

import http.client
import subprocess
import sys
import time
from statistics import median

from benchmarks.machinery.candidates import ROOT, SERVICE
from testbed.postgres import free_port

RUNS = 5
POLL_SECONDS = 0.002
LIMIT_SECONDS = 30


def first_answer(url):
    """Seconds from the exec of gunicorn to the answer of a list, which has asked the database."""
    port = free_port()
    command = [sys.executable, "-m", *SERVICE.command]
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=SERVICE.variables(url, port))
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - begin > LIMIT_SECONDS:
                raise RuntimeError("The service did not start")
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait()


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
    try:
        connection.request("GET", "/api/nobody/tasks", headers={"Connection": "close"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def bare_setup(url):
    environment = SERVICE.variables(url, 8000) | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    begin = time.perf_counter()
    command = [sys.executable, "-c", "import django; django.setup()"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return time.perf_counter() - begin


def measure(url):
    """In seconds, the medians; the two take turns."""
    pairs = [(first_answer(url), bare_setup(url)) for _ in range(RUNS)]
    service, bare = (median(times) for times in zip(*pairs, strict=True))
    return {"first_answer": service, "bare_setup": bare, "ratio": service / bare, "runs": RUNS}
