"""Metrics of two worker processes, and the dashboard that asks for them."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import time
import urllib.error
import urllib.request

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from testbed.processes import mapped_files
from tests.conftest import new_database
from tests.support.client import connect, create, send
from tests.support.service import ROOT, Gunicorn

TOKEN = "only-for-tests-0123456789"
TASK = "/api/{user_id}/tasks/{task_id}"
LABELS = {
    "http_requests_total": {"method", "route", "status"},
    "http_request_duration_seconds_bucket": {"method", "route", "le"},
    "http_request_duration_seconds_count": {"method", "route"},
    "http_request_duration_seconds_sum": {"method", "route"},
    "http_requests_in_flight": set(),
    "database_connections": set(),
    "database_errors_total": set(),
    "authentication_refusals_total": {"reason"},
}


@pytest.fixture(scope="module")
def metered(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("metrics")
    with new_database(folder) as url, Gunicorn(url, folder / "log", METRICS_TOKEN=TOKEN) as running:
        yield running


def ask(service, path="/metrics", **headers):
    """The status, the headers and the body of one answer. The connection is new, so any worker may answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(service.url + path, headers=headers), timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def samples(service):
    """Each sample's value by its name and labels, as in samples["http_requests_total", ("method", "GET"), …]."""
    status, _, body = ask(service, Authorization=f"Bearer {TOKEN}")
    assert status == 200
    families = text_string_to_metric_families(body.decode())
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def answered(service, method, route, status):
    labels = {"method": method, "route": route, "status": str(status)}
    return samples(service).get(("http_requests_total", *sorted(labels.items())), 0)


def folder_of(service):
    """The folder where the workers share their metrics. Each worker has its files there mapped into memory."""
    folders = [file.parent for file in mapped_files(service.workers()[0])]
    return next(folder for folder in folders if folder.name.startswith("metrics-"))


def both_have_counted(service):
    return {f"counter_{worker}.db" for worker in service.workers()} <= set(os.listdir(folder_of(service)))


# Who may read the metrics


def test_there_is_no_such_path_without_a_token(api):
    response = api.send("GET", "/metrics", authorization="Bearer ")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found"})


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "\xff"],
)
def test_metrics_without_the_token_are_401(metered, header):
    status, headers, body = ask(metered, **({} if header is None else {"Authorization": header}))

    assert (status, json.loads(body)) == (401, {"detail": "The token is missing or wrong"})
    assert (headers["WWW-Authenticate"], headers["Content-Type"]) == ("Bearer", "application/json")


def test_metrics_with_the_token_are_text_for_prometheus(metered):
    status, headers, body = ask(metered, Authorization=f"bearer {TOKEN}")

    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"# TYPE http_requests_total counter\n" in body


# What is counted


def test_requests_of_both_workers_are_added_up(metered):
    before = answered(metered, "GET", TASK, 404)
    deadline, asked = time.monotonic() + 60, 0
    while asked < 40 or not both_have_counted(metered):
        ask(metered, f"/api/user-{asked}/tasks/none")
        asked += 1
        assert time.monotonic() < deadline

    assert answered(metered, "GET", TASK, 404) == before + asked


def test_labels_stay_few_whatever_is_asked_for(metered):
    with connect(metered) as connection:
        for number in range(20):
            send(connection, "PROPFIND", f"/nothing/{number}")
            send(connection, "GET", f"/api/secret-user-{number}/tasks/secret-task-{number}")
        send(connection, "GET", "/api/me/tasks")

    labels = {name: {key for key, _ in pairs} for name, *pairs in samples(metered)}
    assert labels == LABELS
    values = {value for _, *pairs in samples(metered) for key, value in pairs if key != "le"}
    assert {value for value in values if re.search(r"PROPFIND|nothing|secret", value)} == set()
    assert answered(metered, "OTHER", "unmatched", 404) >= 20


def test_durations_are_counted_once_a_request(metered):
    create(metered, "a-user", "A task")

    now = samples(metered)
    labels = (("method", "POST"), ("route", "/api/{user_id}/tasks"))
    assert now["http_request_duration_seconds_count", *labels] == answered(metered, "POST", labels[1][1], 201)
    assert 0 < now["http_request_duration_seconds_sum", *labels] < 60


def test_gauges_tell_of_live_processes_alone(metered):
    for _ in range(20):
        ask(metered, "/api/a-user/tasks")
    before = samples(metered)
    assert before["http_requests_in_flight",] == 1
    # Two processes, each with up to eight threads at work.
    assert 1 <= before["database_connections",] <= 16

    killed = metered.workers()
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while set(killed) & set(metered.workers()) or not metered.is_healthy():
        assert time.monotonic() < deadline
        time.sleep(0.1)

    after = samples(metered)
    assert (after["http_requests_in_flight",], after.get(("database_connections",), 0)) == (1, 0)
    requests = ("http_requests_total", ("method", "GET"), ("route", "/api/{user_id}/tasks"), ("status", "200"))
    assert after[requests] == before[requests]


def run_sql(url, statement):
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            database.execute(statement)
    else:
        with psycopg.connect(url) as database:
            database.execute(statement)


def test_statement_that_fails_is_counted(metered):
    url = metered.environment["DATABASE_URL"]
    before = samples(metered)["database_errors_total",]
    run_sql(url, "ALTER TABLE tasks_task RENAME TO elsewhere")
    try:
        assert ask(metered, "/api/a-user/tasks")[0] in (500, 503)
    finally:
        run_sql(url, "ALTER TABLE elsewhere RENAME TO tasks_task")

    assert samples(metered)["database_errors_total",] > before


@pytest.mark.run_once("sqlite")
def test_folder_of_the_processes_goes_with_the_service(tmp_path, db):
    with new_database(tmp_path) as url, Gunicorn(url, tmp_path / "log", METRICS_TOKEN=TOKEN) as service:
        folder = folder_of(service)
        assert folder.is_dir()
    assert not folder.exists()


# The dashboard


WORD = r"\b[a-z_]+\b"
FUNCTIONS = {"sum", "rate", "by", "histogram_quantile", "topk"}


def queries():
    dashboard = json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def examples():
    page = (ROOT / "docs" / "operations.md").read_text()
    return re.findall(r"^(.+)", re.search(r"```promql\n(.*?)```", page, re.DOTALL)[1], re.MULTILINE)


def test_dashboard_and_page_ask_for_metrics_and_labels_that_exist(metered):
    create(metered, "a-user", "A task")
    known = {name for name, *_ in samples(metered)}
    for query in queries() + examples():
        bare = re.sub(r'"[^"]*"|\[[^]]*\]|#.*', "", query)
        groups = re.findall(r"\{[^}]*\}|by \([^)]*\)", bare)
        names = set(re.findall(WORD, re.sub(r"\{[^}]*\}|by \([^)]*\)", "", bare))) - FUNCTIONS
        assert names, query
        assert names <= known, query
        for name in names:
            assert set(re.findall(WORD, " ".join(groups))) - {"by"} <= LABELS[name], query


@pytest.mark.run_once("sqlite")
def test_a_folder_that_was_there_before_is_left_there(tmp_path, django_db_setup):
    folder = tmp_path / "metrics"
    folder.mkdir()
    with new_database(tmp_path) as url:
        with Gunicorn(url, tmp_path / "log", METRICS_TOKEN=TOKEN, PROMETHEUS_MULTIPROC_DIR=str(folder)) as running:
            assert ask(running, Authorization=f"Bearer {TOKEN}")[0] == 200
        assert any(folder.iterdir())
