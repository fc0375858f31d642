"""The CPU time of the service's check of a token, measured alone, in a separate process."""

import json
import subprocess
import sys
import time

from benchmarks.machinery import tokens
from benchmarks.machinery.candidates import ROOT, WITH_TOKENS

# Passes are short and many, and the fastest counts: other work on the machine only ever adds to one.
NEW_TOKENS = 2_000
NEW_IN_A_PASS = 20
PASSES = 200


def measured(url):
    """Microseconds a token: `verified_us` where it was never seen, `kept_us` where it was verified before."""
    command = [sys.executable, "-m", "benchmarks.load.verification"]
    environment = WITH_TOKENS.variables(url, 8000) | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def measure():
    """Calls DRF's authentication class of the settings. Raises RuntimeError where it finds no token."""
    import django

    django.setup()
    from django.test import RequestFactory
    from rest_framework.views import APIView

    view, factory = APIView(), RequestFactory()
    [authentication] = view.get_authenticators()
    headers = [f"Bearer {tokens.of(f'user-{number}')}" for number in range(NEW_TOKENS)]
    requests = [view.initialize_request(factory.get("/", HTTP_AUTHORIZATION=header)) for header in headers]
    starts = range(0, NEW_TOKENS, NEW_IN_A_PASS)
    verified = min(spent(authentication, requests[start : start + NEW_IN_A_PASS]) for start in starts)
    kept = min(spent(authentication, requests[: tokens.COUNT]) for _ in range(PASSES))
    return {"verified_us": verified, "kept_us": kept}


def spent(authentication, requests):
    """Microseconds of CPU time for one request."""
    begin = time.process_time()
    for request in requests:
        authentication.authenticate(request)
    seconds = time.process_time() - begin
    if not authentication.authenticate(requests[0]):
        raise RuntimeError("The service checks no tokens")
    return seconds * 1e6 / len(requests)


if __name__ == "__main__":
    print(json.dumps(measure()))
