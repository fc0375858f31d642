import socketserver
import threading
import time
from dataclasses import replace
from importlib.util import find_spec
from math import inf
from operator import itemgetter

import psycopg
import pytest
from django.db import connection

from benchmarks.load import agreement, driver, statements, wrk
from benchmarks.load import bench as measure
from benchmarks.load import pgbench as limit
from benchmarks.load.operations import OPERATIONS, Request, Requests
from benchmarks.machinery import dataset, plans
from benchmarks.machinery.candidates import PEERS, ROOT, SERVICE, Running
from benchmarks.reports import chart, markdown
from benchmarks.reports import comparison as comparison_report
from benchmarks.reports.figures import Spread, percentile, ratio
from benchmarks.runs import far, scale
from testbed.network import network, round_trips
from tests.conftest import new_database

MACHINE = ("processor", "cores", "memory", "kernel")
HEALTH = Request("GET", "/health").encoded()
SLOW_SECONDS = 0.02
SIZE = 20_000


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory, django_db_setup):
    """The URL of a database with the service's tables."""
    if connection.vendor != "postgresql":
        pytest.skip("The benchmark runs on PostgreSQL")
    with new_database(tmp_path_factory.mktemp("benchmarks")) as url:
        measure.migrate(url)
        yield url


class SlowHandler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            time.sleep(SLOW_SECONDS)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture
def slow_port():
    """Of a server that answers one request of a connection every 20 ms."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SlowHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def pins(path):
    return {line.split()[0] for line in (ROOT / path).read_text().splitlines() if "==" in line}


def test_the_benchmark_measures_the_versions_that_run():
    assert pins("requirements.txt") <= pins("benchmarks/requirements.txt")


def test_percentiles_are_values_that_were_measured():
    values = list(range(100, 0, -1))
    assert [percentile(values, share) for share in (0.5, 0.99, 1)] == [50, 99, 100]
    assert percentile([7], 0.5) == 7


def test_a_ratio_compares_the_turns_of_a_round():
    assert ratio([2, 40, 6], to=[1, 10, 2]) == Spread(median=3, low=2, high=4)
    assert ratio([1, 2, 3], to=[0, 1, 1]).high == inf


def test_a_ratio_above_one_is_in_the_services_favour():
    workloads = {"get": {"service": {"cost": [1, 2], "rate": [30, 60]}, "peer": {"cost": [2, 4], "rate": [10, 20]}}}
    cheaper = comparison_report.ratios(workloads, "service", ["peer"], itemgetter("cost"))
    faster = comparison_report.ratios(workloads, "service", ["peer"], itemgetter("rate"), is_rate=True)
    assert "| get | **2.0** (2.0 to 2.0) |" in cheaper
    assert "| get | **3.0** (3.0 to 3.0) |" in faster
    memory = comparison_report.memory_table({"service": [10, 20], "peer": [30, 30]}, "service", ["service", "peer"])
    assert "| PSS | 20.0 | 30.0 |" in memory
    assert "| in multiples of the service's |  | **2.2** (1.5 to 3.0) |" in memory


def test_a_rate_beside_a_far_database_is_compared_with_the_services():
    rates = {"get": {"8": {"peer": [10, 20], "service": [30, 60]}, "64": {"peer": [10, 10], "service": [5, 5]}}}
    described = {"command": "", "date": "", "commit": "", "machine": dict.fromkeys(MACHINE, ""), "versions": {}}
    measured = {"service": "service", "workers": 2, "rounds": 2, "round_trip_ms": 4.0, "workloads": rates}
    told = "".join(far.sections(described | measured))
    assert "|  | service | peer |" in told
    assert "| get | 45.0 | 15.0, **3.0** (3.0 to 3.0) |" in told
    assert "| get | 5.00 | 10.0, **0.50** (0.50 to 0.50) |" in told


def test_a_network_delays_each_way(postgresql):
    with network(postgresql, 0.005) as url:
        assert min(round_trips(url)) >= 0.01


def test_saturating_checks_every_status(service):
    assert driver.saturate(service.port, [(HEALTH, 200)], 2, 0.05).requests >= 2
    with pytest.raises(driver.WrongAnswerError, match="wanted 201"):
        driver.saturate(service.port, [(HEALTH, 200), (HEALTH, 201)], 2, 0.05).checked()


def test_offering_checks_every_status(service):
    with pytest.raises(driver.WrongAnswerError, match="wanted 201"):
        driver.offer(service.port, [(HEALTH, 200), (HEALTH, 201)], 2, 0.1, rate=100).checked()


def test_what_waits_for_a_busy_connection_is_waiting_from_when_it_was_due(slow_port):
    outcome = driver.offer(slow_port, [(HEALTH, 200)], 1, 0.1, rate=200)
    assert outcome.requests > 10
    assert max(outcome.latencies) > outcome.requests * SLOW_SECONDS - 0.1


def test_the_same_number_is_offered_in_every_run(slow_port):
    first, second = (driver.offer(slow_port, [(HEALTH, 200)], 8, 0.1, rate=200).requests for _ in range(2))
    assert first == second


@pytest.mark.skipif(not wrk.is_installed(), reason=wrk.HINT)
def test_wrk_checks_every_status(service, tmp_path):
    found, missing = (Request("GET", path).encoded() for path in ("/health", "/missing"))
    assert wrk.saturate(service.port, [(found, 200)], 2, 1, tmp_path).requests >= 2
    with pytest.raises(driver.WrongAnswerError, match="a status of 400 or more"):
        wrk.saturate(service.port, [(found, 200), (missing, 200)], 2, 1, tmp_path).checked()


def test_no_row_is_deleted_twice():
    requests = Requests()
    first = requests.of("delete")[:5]
    requests.used("delete", 5)
    assert not set(first) & set(requests.of("delete"))
    requests.restart()
    assert requests.of("delete")[:5] == first


def test_pgbench_gets_the_services_statement_with_its_own_numbers():
    statement = "SELECT 1 FROM tasks_task WHERE user_id = 'reader-7' AND id = '0197a000000070008000100000000007'::uuid"
    lines = limit.script("get", statement).splitlines()
    user, id_ = "('reader-' || :user)", "('0197a000000070008000' || :tail)"
    assert lines[-1] == f"SELECT 1 FROM tasks_task WHERE user_id = {user} AND id = {id_}::uuid;"
    assert "\\set n random(0, 39999)" in lines


def test_a_plan_tells_of_its_indexes_and_of_rows_read_in_vain():
    text = """Index Scan using one on tasks_task (actual time=0.1..0.1 rows=1 loops=1)
  Filter: (user_id = 'a')
  Rows Removed by Filter: 3
  Buffers: shared hit=4 read=1 dirtied=2"""
    assert plans.parse(text) == plans.Plan(indexes=["one"], removed=3, pages=5, text=text)


@pytest.fixture(scope="module")
def filled(postgresql):
    """The same database, with tasks in it."""
    assert scale.load(postgresql, SIZE)["tasks"] == SIZE
    return postgresql


def test_every_statement_goes_through_the_users_index(filled):
    explained = scale.explained(filled, SIZE, statements.sent_by_service(filled))
    found = {name: (plan["indexes"], plan["removed"]) for name, plan in explained.items()}
    assert found == {name: (["task_user_id_id"], 0) for name in OPERATIONS} | {"create": ([], 0)}


def test_a_clustered_table_has_a_users_tasks_side_by_side(filled):
    sent = statements.sent_by_service(filled, ["list 1,000"])

    def pages():
        return scale.explained(filled, SIZE, sent)["list 1,000"]["pages"]

    scattered = pages()
    scale.cluster(filled)
    assert pages() < scattered / 2


def answers(candidate, url, log):
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("TRUNCATE tasks_task")
        dataset.load(database, [replace(group, users=8) for group in dataset.FILLED])
    with Running(candidate, url, log) as running:
        return agreement.answers(running.port)


def test_every_peer_answers_what_the_service_answers(postgresql, tmp_path):
    if missing := [package for package in ("fastapi", "sqlmodel", "asyncpg", "ninja") if not find_spec(package)]:
        pytest.skip(f"Not installed: {', '.join(missing)} (benchmarks/requirements.txt)")
    wanted = answers(SERVICE, postgresql, tmp_path / "log")
    for peer in PEERS:
        agreement.compare(peer.name, wanted, answers(peer, postgresql, tmp_path / "log"))


def test_a_disagreement_is_told():
    with pytest.raises(agreement.DisagreementError, match="a peer, get"):
        agreement.compare("a peer", {"get": (200, "{}")}, {"get": (200, "[]")})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (1, "1.00"), (9.999, "10.0"), (12.34, "12.3"), (12345, "12,300"), (inf, "∞")],
)
def test_a_figure_shows_the_digits_that_count(value, text):
    assert markdown.figure(value) == text


def test_a_chart_has_a_bar_for_every_value():
    svg = chart.bars("CPU", {"get": {"a": 1.0, "b & c": 2.0}, "list": {"a": 1.0, "b & c": 4.0}}, "x")
    assert svg.count("<rect") == 4 + 2
    assert "b &amp; c" in svg
    assert "4.0x" in svg
