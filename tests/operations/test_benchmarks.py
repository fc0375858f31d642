import ast
import json
import re
import socketserver
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC
from importlib.util import find_spec
from math import inf
from operator import itemgetter
from pathlib import Path
from types import SimpleNamespace

import jwt
import psycopg
import pytest
from django.db import connection

from benchmarks.__main__ import parse
from benchmarks.load import agreement, driver, operations, pgbench, statements, verification, wrk
from benchmarks.load.bench import bench, finish, migrate
from benchmarks.load.operations import OPERATIONS, Request, Requests
from benchmarks.load.statements import Sent
from benchmarks.machinery import dataset, plans, tokens
from benchmarks.machinery.candidates import PEERS, ROOT, SERVICE, WITH_TOKENS, Running
from benchmarks.reports import chart, comparison, far, folder, markdown
from benchmarks.reports import token_cost as reported_cost
from benchmarks.reports.figures import Spread, percentile, ratio
from benchmarks.runs import pages, quick, scale, token_cost
from benchmarks.runs import plans as run_of_plans
from testbed import processes
from testbed.client import NO_TASKS, Client, bearer, is_serving
from testbed.network import network, round_trips
from tests.conftest import new_database
from tests.support.missing import not_installed

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
        migrate(url)
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
    """The port of a server that answers one request every 20 ms on each connection."""
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
    names, head = ["service", "peer"], "|  | service | peer |\n| --- | ---: | ---: |\n"
    cheaper = markdown.compared(workloads, names, itemgetter("cost"))
    faster = markdown.compared(workloads, names, itemgetter("rate"), is_rate=True)
    memory = comparison.memory_table({"service": [10, 20], "peer": [30, 30]}, names)
    assert cheaper == head + "| get | 1.50 | 3.00, **2.0** (2.0 to 2.0) |\n"
    assert faster == head + "| get | 45.0 | 15.0, **3.0** (3.0 to 3.0) |\n"
    assert memory == head + "| PSS | 20.0 | 30.0, **2.2** (1.5 to 3.0) |\n"


def test_a_workload_with_failed_answers_says_so_above_its_table():
    rates = {
        "peer": {"rates": {"8": [10]}, "refused": {"8": 2}},
        "service": {"rates": {"8": [10]}, "refused": {"8": 0}},
    }
    heading, _ = comparison.rate_tables({"get": rates, "put": rates}, ["service", "peer"])
    assert heading == "8 connections (peer: 4 answers failed)\n"


DESCRIBED = {"command": "", "date": "", "commit": "", "machine": dict.fromkeys(MACHINE, ""), "versions": {}}


def test_a_rate_beside_a_far_database_is_compared_with_the_services():
    rates = {"get": {"8": {"peer": [10, 20], "service": [30, 60]}, "64": {"peer": [10, 10], "service": [5, 5]}}}
    measured = {"service": "service", "workers": 2, "rounds": 2, "round_trip_ms": 4.0, "workloads": rates}
    report = "".join(far.sections(DESCRIBED | measured))
    assert "|  | service | peer |" in report
    assert "| get | 45.0 | 15.0, **3.0** (3.0 to 3.0) |" in report
    assert "| get | 5.00 | 10.0, **0.50** (0.50 to 0.50) |" in report


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


@pytest.mark.skipif(not wrk.is_installed(), reason=not_installed("wrk", "wrk"))
def test_wrk_checks_every_status(service, tmp_path):
    found, missing = (Request("GET", path).encoded() for path in ("/health", "/missing"))
    assert wrk.saturate(service.port, [(found, 200)], 2, 1, tmp_path).requests >= 2
    with pytest.raises(driver.WrongAnswerError, match="a status of 400 or more"):
        wrk.saturate(service.port, [(found, 200), (missing, 200)], 2, 1, tmp_path).checked()


def test_a_client_gives_the_whole_answer_each_time(service):
    with Client(service.port) as client:
        first, second = (client.send("GET", "/health") for _ in range(2))
    assert (first.status, first.body, second.body) == (200, b'{"status":"healthy"}', first.body)
    assert first.headers["Content-Length"] == str(len(first.body))
    assert second.seconds > 0


def test_a_process_that_is_gone_has_no_children_and_no_cpu_time():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert not processes.exists(ended.pid)
    assert (processes.descendants(ended.pid), processes.cpu_seconds(ended.pid)) == ([], 0)


def test_what_serves_answers_a_list(service, slow_port):
    assert is_serving(service.port)
    assert not is_serving(slow_port)


QUICK = {"app_ms": [1.0], "postgresql_ms": [0.5]}
PAIR = {"without_ms": [0.5, 0.4, 0.6], "with_ms": [0.51, 0.44, 0.6]}
COST = {"pairs": [PAIR, PAIR | {"with_ms": [0.55, 0.5, 0.66]}], "verified_us": 150.0, "kept_us": 3.0}


def test_a_run_leaves_a_folder_with_its_report_measurements_and_chart(tmp_path):
    measured = {
        "service": "a",
        "with_tokens": "t",
        "peer": "b",
        "connections": 8,
        "rounds": 1,
        "workloads": {"get": {"a": QUICK, "t": {"app_ms": [2.0], "postgresql_ms": [1.5]}, "b": QUICK}},
        "tokens": COST,
    }
    written = folder.write("quick", DESCRIBED | measured, tmp_path)
    assert written.parent == tmp_path
    assert {file.name for file in written.iterdir()} == {"results.json", "report.md", "chart.svg"}
    assert json.loads((written / "results.json").read_text()) == DESCRIBED | measured
    report = (written / "report.md").read_text()
    assert "|  | a | PostgreSQL | t | PostgreSQL | b | PostgreSQL | ratio |" in report
    assert "| get | 1.00 | 0.500 | 2.00 | 1.50 | 1.00 | 0.500 | **1.0** (1.0 to 1.0) |" in report
    assert "| a get without a token | 0.500 ms |  |" in report
    assert (written / "chart.svg").read_text() == chart.cpu(measured)


def test_the_cost_of_a_token_is_the_median_of_the_pairs_beside_its_goal():
    assert reported_cost.costs(COST) == [
        ("a get without a token", "0.500 ms", ""),
        ("a get with a kept token", "0.530 ms, **1.06** (1.0 to 1.1)", "at most 1.05: missed"),
        ("verifying a token never seen (EdDSA)", "150 µs", ""),
        ("looking up a kept token", "3.00 µs", "at most 3: reached"),
    ]
    cheaper = COST | {"pairs": [PAIR], "kept_us": 3.1}
    assert [goal for _, _, goal in reported_cost.costs(cheaper)] == [
        "",
        "at most 1.05: reached",
        "",
        "at most 3: missed",
    ]


def test_the_cost_of_a_token_is_printed_a_line_each():
    assert list(reported_cost.lines(COST))[1:] == [
        "a get with a kept token: 0.530 ms, 1.06 (1.0 to 1.1) (at most 1.05: missed)",
        "verifying a token never seen (EdDSA): 150 µs",
        "looking up a kept token: 3.00 µs (at most 3: reached)",
    ]


def test_plans_are_written_in_full_beside_the_report():
    index, bitmap, sort = ({"text": text} for text in ("Index Scan", "Bitmap Scan", "Sort"))
    results = {"plans": {"1000": {"get": index}, "20000": {"get": bitmap}}}
    results["pages"] = {"plans": {"1000": {"open": sort}, "20000": {"open": index}}}
    parts = ["# EXPLAIN with 1,000 tasks\n\n## get\n\n```\nIndex Scan\n```\n", "## open\n\n```\nSort\n```\n"]
    parts += ["# EXPLAIN with 20,000 tasks\n\n## get\n\n```\nBitmap Scan\n```\n", "## open\n\n```\nIndex Scan\n```\n"]
    assert folder.EXTRAS["scale"]["plans.md"](results) == "\n".join(parts)


def test_git_ignores_what_a_run_writes():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert f"/{folder.RESULTS.relative_to(ROOT)}/" in ignored


def test_sizes_and_lengths_are_options_of_scale(capsys):
    assert parse([]) == ("comparison", {})
    assert parse(["--quick"]) == ("quick", {})
    assert parse(["--scale", "--sizes", "1000,2000", "--lengths", "7"]) == (
        "scale",
        {"sizes": (1000, 2000), "lengths": (7,)},
    )
    for wrong in (["--sizes", "1000"], ["--quick", "--far"], ["--fast"]):
        with pytest.raises(SystemExit, match="2"):
            parse(wrong)
        assert capsys.readouterr().err.startswith("usage: python3 run.py bench")


def imported(package):
    """The top-level packages that the modules of this package import."""
    trees = [ast.parse(file.read_text()) for file in (ROOT / package).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[0] for name in names}


def test_benchmarks_import_no_tests_and_the_testbed_imports_neither():
    assert "testbed" in imported("benchmarks")
    assert "tests" not in imported("benchmarks")
    assert imported("testbed") & {"benchmarks", "tests", "tasks", "todo_project"} == set()


def test_of_the_tests_only_this_file_imports_the_benchmarks():
    importing = [file for file in (ROOT / "tests").rglob("*.py") if "from benchmarks" in file.read_text()]
    assert importing == [Path(__file__)]


@pytest.fixture(scope="module")
def requests():
    return Requests()


@pytest.mark.parametrize("operation", ["delete", "conditional put"])
def test_no_task_is_used_twice(requests, operation):
    first = requests.of(operation)[:5]
    requests.used(operation, 5)
    assert not set(first) & set(requests.of(operation))
    requests.restart()
    assert requests.of(operation)[:5] == first


def test_pgbench_gets_the_services_statement_with_its_own_numbers():
    sent = Sent(
        "SELECT 1 FROM tasks_task WHERE user_id = $1 AND id = $2",
        ["'reader-7'", "'0197a000000070008000100000000007'::uuid"],
    )
    lines = pgbench.script("get", sent).splitlines()
    user, id_ = "('reader-' || :user)", "('0197a000000070008000' || :tail)"
    assert lines[-1] == f"SELECT 1 FROM tasks_task WHERE user_id = {user} AND id = {id_}::uuid;"
    assert "\\set n random(0, 39999)" in lines


def test_pgbench_sends_what_is_the_same_for_each_task_as_parameters_too():
    sent = Sent(
        "SELECT 1 FROM tasks_task WHERE user_id = $1 AND title = $2 AND id >= $3 LIMIT $4",
        ["'long-7'", "'it''s late'", "'00000000000000000000000000000000'::uuid", "2001"],
    )
    user = "('long-' || :user)"
    where = f"user_id = {user} AND title = :value_2 AND id >= :value_3 LIMIT :value_4"
    assert pgbench.script("list 1,000", sent).splitlines()[-1] == f"SELECT 1 FROM tasks_task WHERE {where};"
    given = {"value_2": "it's late", "value_3": "00000000000000000000000000000000", "value_4": "2001"}
    assert pgbench.fixed(sent) == given


def test_pgbench_gets_the_tag_of_the_task_that_it_is_about():
    times = """'{"2025-07-24 08:00:07.661328+00:00"}'::timestamptz[]"""
    sent = Sent("SELECT 1 FROM tasks_task WHERE updated_at = ANY($1)", [times])
    lines = pgbench.script("conditional put", sent).splitlines()
    time = "'2025-07-24 08:00:00.654321+00:00'::timestamptz + :n * '0:00:01.001001'::interval"
    assert lines[-1] == f"SELECT 1 FROM tasks_task WHERE updated_at = ANY(ARRAY[{time}]::timestamptz[]);"
    assert "\\set n :first + :i * :clients + :client_id" in lines


def test_a_plan_names_its_indexes_and_counts_dropped_rows():
    text = """Index Scan using one on tasks_task (actual time=0.1..0.1 rows=1 loops=1)
  Filter: (user_id = 'a')
  Rows Removed by Filter: 3
  Buffers: shared hit=4 read=1 dirtied=2"""
    assert plans.parse(text) == plans.Plan(indexes=["one"], removed=3, pages=5, text=text)


AUTHORIZATION = re.compile(rb"Authorization: Bearer (\S+)\r\n")


def test_requests_with_tokens_are_the_requests_without_and_a_header(requests):
    for workload in operations.WORKLOADS:
        carrying = requests.of(workload, has_tokens=True)
        assert [(AUTHORIZATION.sub(b"", sent), status) for sent, status in carrying] == requests.of(workload)


def test_200_users_of_each_kind_take_turns_each_with_a_token_of_theirs(requests):
    [key] = json.loads(tokens.settings()["AUTH_JWT_PUBLIC_KEY"])["keys"]
    introduced = {AUTHORIZATION.search(sent)[1] for sent, _ in operations.introductions()}
    for workload in operations.WORKLOADS:
        sent = [request for request, _ in requests.of(workload, has_tokens=True)]
        users = {AUTHORIZATION.search(request)[1]: request.split(b"/")[2] for request in sent}
        verified = {
            token: jwt.decode(token, jwt.PyJWK(key), ["EdDSA"], issuer=tokens.ISSUER, audience=tokens.ISSUER)
            for token in users
        }
        assert {token: claims["sub"].encode() for token, claims in verified.items()} == users
        assert len(users) == 200 or (workload == "mix" and 500 < len(users) <= 600)
        assert set(users) <= introduced


def test_a_token_that_is_kept_costs_a_fraction_of_verifying_it():
    measured = verification.measured("sqlite:///db.sqlite3")
    assert 0 < measured["kept_us"] < measured["verified_us"] / 5


@pytest.fixture(scope="module")
def guarded(postgresql, tmp_path_factory):
    """The candidate that checks tokens, as it runs."""
    with Running(WITH_TOKENS, postgresql, tmp_path_factory.mktemp("guarded") / "log") as running:
        yield running


def test_the_service_with_tokens_refuses_a_request_without_its_users(guarded):
    with Client(guarded.port) as client:
        sent = [client.send("GET", NO_TASKS, headers=bearer(token)) for token in (None, tokens.of("somebody"))]
    assert [answer.status for answer in sent] == [401, 403]


def test_wrk_and_the_driver_send_tokens(guarded, requests, tmp_path):
    lists = requests.of("list 20", has_tokens=True)
    driver.saturate(guarded.port, lists, 2, 0.1).checked()
    if wrk.is_installed():
        wrk.saturate(guarded.port, lists, 2, 1, tmp_path).checked()


def test_a_service_with_tokens_that_answers_is_not_restarted(guarded):
    before = guarded.pid
    finish(guarded)
    assert guarded.pid == before


def test_a_pair_of_services_shows_what_a_token_costs(postgresql, requests):
    with bench(**quick.IN_MEMORY) as on:
        with psycopg.connect(on.url, autocommit=True) as database:
            dataset.load(database, [dataset.READERS])
        pair = token_cost.pair(on, requests, [WITH_TOKENS, SERVICE], rounds=2)
    assert {name: len(rounds) for name, rounds in pair.items()} == {"without_ms": 2, "with_ms": 2}
    assert min(pair["without_ms"] + pair["with_ms"]) > 0


def test_users_of_the_grown_tables_have_20_or_1000_tasks():
    groups = scale.groups(10_000).values()
    assert {(group.name, group.tasks) for group in groups} == {
        *((name, 20) for name in ("reader", "writer", "doomed", "guarded", "creator")),
        ("long", 1_000),
        ("longest", 100),
    }


FEW = replace(dataset.GUARDED, tasks=20)


@pytest.fixture
def few(postgresql):
    """A connection to the same database, with tasks in it for one test."""
    with psycopg.connect(postgresql, autocommit=True) as database:
        dataset.load(database, [FEW])
        yield database
        database.execute("TRUNCATE tasks_task")


def test_the_data_set_has_the_tags_that_the_requests_carry(few):
    rows = few.execute("SELECT id::text, updated_at FROM tasks_task ORDER BY id").fetchall()
    expected = [(FEW.id(n), FEW.tag(n)) for n in range(len(FEW))]
    assert [(id_, f'"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"') for id_, time in rows] == expected


def test_a_twentieth_of_each_users_tasks_is_open(few):
    rows = few.execute("SELECT count(*) FROM tasks_task WHERE NOT is_completed GROUP BY user_id").fetchall()
    assert rows == [(1,)] * FEW.users


def test_a_conditional_put_carries_the_current_tag_once(few, guarded, requests):
    requests.restart()
    puts = requests.of("conditional put", has_tokens=True)[: len(FEW)]
    outcome = driver.saturate(guarded.port, puts, 4, 0.1).checked()
    changed, unchanged = puts[: outcome.requests], puts[outcome.requests :]
    assert unchanged
    assert len(driver.one_after_the_other(guarded.port, changed[:3]).refused) == 3
    driver.one_after_the_other(guarded.port, unchanged[:3]).checked()


@pytest.fixture(scope="module")
def filled(postgresql):
    """The same database, with tasks in it."""
    assert scale.load(postgresql, SIZE)["tasks"] == SIZE
    return postgresql


def test_every_statement_goes_through_the_users_index(filled):
    explained = scale.explained(filled, SIZE, statements.sent_by_service(filled))
    found = {name: (plan["indexes"], plan["removed"]) for name, plan in explained.items()}
    by_index = {name: (["task_user_id_id"], 0) for name in OPERATIONS}
    assert found == by_index | {"create": ([], 0), "filtered list": (["task_user_id_id"], 950)}


def test_statements_are_planned_for_any_values_and_the_former_ones_were_not(filled):
    # Without the delete, whose task can be deleted once.
    sent = statements.sent_by_service(filled, [name for name in run_of_plans.OPERATIONS if name != "delete"])
    found = run_of_plans.planned(SimpleNamespace(url=filled), sent)
    assert [found[name]["now"] for name in sent] == [dict.fromkeys(run_of_plans.USERS, (30, 0))] * len(sent)
    assert found["get"]["before"]["first"] == (0, 30)
    former = run_of_plans.former(sent["get"]).sql
    assert (sent["get"].sql.count('"user_id" = '), former.count('"user_id", "tasks_task"."id") <= ')) == (1, 1)


def test_a_page_of_a_long_list_costs_the_same_wherever_it_is(filled, tmp_path):
    group = scale.groups(SIZE)[dataset.LONGEST]
    with Running(SERVICE, filled, tmp_path / "log") as running, Client(running.port) as client:
        asked = pages.requests(running.port, group)
        every = ids(client, f"/api/{group.user(0)}/tasks")
        found = {name: ids(client, asked[name].path) for name in pages.PAGES}
    open_ones = every[::20]
    assert (len(every), len(open_ones)) == (200, 10)
    assert found == {
        "oldest first, start": every[:50],
        "oldest first, middle": every[75:125],
        "oldest first, end": every[150:],
        "newest first, start": every[:149:-1],
        "newest first, middle": every[124:74:-1],
        "newest first, end": every[49::-1],
        "open, start": open_ones,
        "open, middle": open_ones,
        "open, end": open_ones,
        "last changed first": every[:149:-1],
        "a word of no task": [],
    }
    explained = pages.explained(filled, asked)
    for order in ("oldest first", "newest first"):
        costs = {explained[f"{order}, {where}"]["pages"] for where in ("start", "middle", "end")}
        assert max(costs) <= 60
    # The plan that a connection keeps for all values.
    assert "(user_id)::text = $1" in explained["oldest first, start"]["text"]


def ids(client, path):
    return [task["id"] for task in json.loads(client.send("GET", path).body)]


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
        return agreement.answers(running)


def test_the_service_with_tokens_answers_what_it_answers_without(postgresql, tmp_path):
    wanted, found = (answers(candidate, postgresql, tmp_path / "log") for candidate in (SERVICE, WITH_TOKENS))
    agreement.compare(WITH_TOKENS.name, wanted, found)


def test_every_peer_answers_what_the_service_answers(postgresql, tmp_path):
    if missing := [package for package in ("fastapi", "sqlmodel", "asyncpg", "ninja") if not find_spec(package)]:
        pytest.skip(f"Not installed: {', '.join(missing)} (benchmarks/requirements.txt)")
    wanted = answers(SERVICE, postgresql, tmp_path / "log")
    for peer in PEERS:
        agreement.compare(peer.name, wanted, answers(peer, postgresql, tmp_path / "log"))


def test_a_disagreement_names_the_peer_and_the_operation():
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
