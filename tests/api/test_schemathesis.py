"""schemathesis reads the generated document and looks for differences between it and the service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.run_once("postgresql")

OPTIONS = [
    "--checks=all",
    "--phases=examples,coverage,fuzzing,stateful",
    "--max-examples=125",
    "--seed=1",
    "--generation-database=none",
    "--continue-on-failure",
    "--no-color",
]
# A condition that does not hold is 412, and nothing is wrong with the request.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 412, 429, "5xx"]
"""
# What the document says in words alone:
# - The toggle treats a null body as no body. If null were one of the types, the generated Python client could not
#   send a request without a body.
# - A title may be longer by white space, which is trimmed.
# - A cursor comes from a Link. A delete of many needs a filter. A key is good for one body.
HOOKS = """
import uuid
import schemathesis

@schemathesis.hook
def filter_case(context, case):
    path, body = case.operation.path, case.body
    if path.endswith("/complete") and body is None:
        return False
    if (case.method, path) == ("DELETE", "/api/{user_id}/tasks") and not case.query:
        return False
    tasks = [body, *tasks_of(body)] if isinstance(body, dict) else []
    return not any(is_trimmed(task.get("title")) for task in tasks if isinstance(task, dict))

def tasks_of(body):
    return body["tasks"] if isinstance(body.get("tasks"), list) else []

def is_trimmed(title):
    return isinstance(title, str) and len(title) > 500 >= len(title.strip())

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta and case.meta.generation.mode == "positive":
        headers = case.headers or {}
        # It calls `0` a string of any pattern.
        for name in ("If-Match", "If-None-Match"):
            if not str(headers.get(name, "*")).startswith(('*', '"', 'W/')):
                del headers[name]
        if "Idempotency-Key" in headers:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if case.query:
            case.query.pop("cursor", None)
"""


@pytest.fixture(scope="module")
def run(service, tmp_path_factory):
    """What schemathesis prints, and its report."""
    folder = tmp_path_factory.mktemp("schemathesis")
    program = Path(sys.executable).with_name("schemathesis")
    report = ["--report=json", "--report-json-path=report.json"]
    command = [program, "run", f"{service.url}/openapi.json", *OPTIONS, *report]
    # The folder is empty, because schemathesis keeps there what it learns, and reads its configuration from there.
    (folder / "hooks.py").write_text(HOOKS)
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=os.environ | hooks, capture_output=True, text=True)
    return done.stdout + done.stderr, json.loads((folder / "report.json").read_text())


def test_service_does_what_its_document_says(run):
    printed, report = run
    assert (report["exit_code"], report["failures"], report["errors"]) == (0, [], []), printed
    assert report["operations"]["tested"] == report["operations"]["total"] == 9
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}


def test_at_least_1000_cases_were_tried(run):
    _, report = run
    assert report["test_cases"]["generated"] >= 1_000
    assert report["stop_reason"] == "completed"


def test_every_operation_was_taken_beyond_its_validation(run):
    _, report = run
    accepted = {
        operation: sum(phase["accepted"] for phase in phases.values())
        for operation, phases in report["valid_rates"].items()
    }
    assert len(accepted) == 9
    assert min(accepted.values()) > 0, accepted
