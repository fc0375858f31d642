"""What the variables alone make of the running service."""

import json
import shlex
import shutil
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import METRICS_TOKEN, ORIGIN
from tests.support.client import connect
from tests.support.missing import not_installed
from tests.support.service import ROOT
from tests.support.tokens import authorization_of, token_of
from tests.support.waiting import until

pytestmark = pytest.mark.run_once("sqlite")

WARNING = "?: (todo.W005) AUTH_ISSUER is not set"


def ask(service, method, path, **headers):
    with connect(service) as client:
        return client.send(method, path, None, {name.replace("_", "-"): value for name, value in headers.items()})


def refused(service, reason):
    body = ask(service, "GET", "/metrics", Authorization=f"Bearer {METRICS_TOKEN}").body.decode()
    samples = [sample for family in text_string_to_metric_families(body) for sample in family.samples]
    wanted = ("authentication_refusals_total", {"reason": reason})
    return sum(sample.value for sample in samples if (sample.name, sample.labels) == wanted)


def test_operations_want_a_token(guarded_service):
    statuses = [
        ask(guarded_service, "GET", "/api/user-1/tasks", **headers).status
        for headers in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": authorization_of("user-2")},
            {"Authorization": authorization_of("user-1")},
        )
    ]
    assert statuses == [401, 401, 403, 200]


@pytest.mark.parametrize("path", ["/", "/health", "/health/ready", "/openapi.json", "/docs", "/redoc", "/admin/login/"])
def test_pages_want_no_token(guarded_service, path):
    assert ask(guarded_service, "GET", path).status == 200
    assert ask(guarded_service, "GET", path, Authorization="Bearer x").status == 200


def test_path_that_is_none_is_not_found_without_a_token_too(guarded_service):
    answer = ask(guarded_service, "GET", "/api/user-1/nothing")
    assert (answer.status, answer.body) == (404, b'{"detail":"Not found"}')


def test_document_is_the_committed_one_with_tokens(guarded_service):
    served = json.loads(ask(guarded_service, "GET", "/openapi.json").body)
    assert served == json.loads((ROOT / "openapi-bearer.json").read_text())


def test_preflight_wants_no_token_and_lets_a_page_send_one(guarded_service):
    answer = ask(
        guarded_service,
        "OPTIONS",
        "/api/user-1/tasks",
        Origin=ORIGIN,
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="authorization",
    )
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].split(", ")


def test_page_reads_why_it_was_refused(guarded_service):
    answer = ask(guarded_service, "GET", "/api/user-1/tasks", Origin=ORIGIN, Authorization="Bearer x")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (401, ORIGIN)
    assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"].split(", ")


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "no token"),
        ("Bearer x", "malformed"),
        (f"Bearer {token_of('user-1', exp=1)}", "expired"),
        (authorization_of("user-2"), "another user"),
    ],
)
def test_reason_is_in_the_log_and_is_counted(guarded_service, authorization, reason):
    before, request_id = refused(guarded_service, reason), f"refused-{reason.replace(' ', '-')}"
    ask(guarded_service, "GET", "/api/user-1/tasks", Authorization=authorization, X_Request_ID=request_id)

    until(lambda: request_id in guarded_service.log.read_text())
    [line] = [json.loads(line) for line in guarded_service.log.read_text().splitlines() if request_id in line]
    assert (line["refused"], line["statements"]) == (reason, 0)
    assert refused(guarded_service, reason) == before + 1


def test_request_that_is_answered_has_no_reason_in_its_line(guarded_service):
    ask(guarded_service, "GET", "/api/me/tasks", Authorization=authorization_of("user-1"), X_Request_ID="taken")

    until(lambda: '"taken"' in guarded_service.log.read_text())
    [line] = [json.loads(line) for line in guarded_service.log.read_text().splitlines() if '"taken"' in line]
    assert "refused" not in line


def test_start_warns_once_that_any_issuer_will_do(guarded_service):
    assert guarded_service.log.read_text().count(WARNING) == 1


@pytest.mark.skipif(not shutil.which("curl"), reason=not_installed("curl", "curl"))
def test_token_of_the_command_works_in_the_curl_line_that_it_prints(guarded_service):
    command = [sys.executable, "manage.py", "issue_token", "user ü"]
    made = subprocess.run(
        command, cwd=ROOT, env=guarded_service.environment, capture_output=True, text=True, check=True
    )
    asked = subprocess.run([*shlex.split(made.stderr), "-sS"], capture_output=True, text=True, check=True)

    assert asked.stdout == "[]"
    authorization = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert ask(guarded_service, "GET", "/api/user%20%C3%BC/tasks", **authorization).status == 200
