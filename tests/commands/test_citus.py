"""What commands, the doctor and the admin's actions make of a database that Citus spreads over servers.

Most of it runs on any PostgreSQL: with the catalog that Citus has, and with recorded output of it.
"""

import json
from collections import Counter
from threading import Thread
from uuid import UUID

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tasks import doctor
from tasks.bulk import keyset
from tasks.bulk.estimates import planned_rows
from tasks.bulk.loading import insert, load
from tasks.bulk.locking import locked_rows
from tasks.models import Task
from tests.commands.test_doctor_database import execute, found, only_postgresql
from tests.conftest import new_database
from tests.support import citus
from tests.support.commands import row, start
from todo_project.database.postgresql.local_settings import set_locally
from todo_project.doctor import database, postgresql

# Of EXPLAIN (FORMAT JSON) for a table of 1,929 rows in 2 shards, on Citus 13.2, with citus.explain_all_tasks.
RECORDED = """
{"Plan": {"Node Type": "Custom Scan", "Custom Plan Provider": "Citus Adaptive", "Plan Rows": 100000, "Plan Width": 1695,
 "Distributed Query": {"Job": {"Task Count": 2, "Tasks Shown": "All", "Tasks": [
  {"Node": "host=127.0.0.1 port=9701 dbname=tasks", "Remote Plan": [[{"Plan": {"Node Type": "Seq Scan",
   "Relation Name": "tasks_task_102008", "Total Cost": 35.81, "Plan Rows": 1281, "Plan Width": 673}}]]},
  {"Node": "host=127.0.0.1 port=9702 dbname=tasks", "Remote Plan": [[{"Plan": {"Node Type": "Seq Scan",
   "Relation Name": "tasks_task_102009", "Total Cost": 15.48, "Plan Rows": 648, "Plan Width": 673}}]]}]}}}}
"""
CATALOG = """
INSERT INTO pg_extension VALUES (99999, 'citus', 10, 11, false, '13.2-1', NULL, NULL);
CREATE TABLE pg_dist_local_group AS SELECT {group} AS groupid;
CREATE TABLE pg_dist_partition (logicalrelid regclass, partkey text);
CREATE TABLE citus_shards (table_name regclass, nodename text, nodeport int);
CREATE FUNCTION column_to_column_name(regclass, text) RETURNS text LANGUAGE sql AS 'SELECT $2';
"""
SPREAD = """
INSERT INTO pg_dist_partition VALUES ('tasks_task', 'user_id');
INSERT INTO citus_shards VALUES ('tasks_task', 'a', 1), ('tasks_task', 'a', 1), ('tasks_task', 'b', 1);
"""
WORKER = "This database is a worker of a Citus cluster."
ADVICE = "Name the coordinator in DATABASE_URL: tables are made there."


@pytest.fixture
def catalog(db):
    def make(group):
        execute(CATALOG.format(group=group))

    return make


# The node


@only_postgresql
@pytest.mark.one_server
def test_doctor_says_where_the_tasks_are(catalog):
    assert found(doctor.distribution) == []
    catalog(group=0)
    alone = "tasks are on the coordinator alone; manage.py distribute_tasks spreads them"
    assert found(doctor.distribution) == [("Citus", "ok", alone)]
    execute(SPREAD)
    spread = "tasks are spread by user_id over 3 shards on 2 nodes"
    assert found(doctor.distribution) == [("Citus", "ok", spread)]


@only_postgresql
@pytest.mark.one_server
def test_coordinator_before_its_first_migration_is_well(catalog):
    catalog(group=0)
    execute("DROP TABLE tasks_task")
    assert [level for _, level, _ in found(doctor.distribution)] == ["ok"]


@only_postgresql
@pytest.mark.one_server
def test_worker_is_a_fault(catalog):
    catalog(group=1)
    assert found(doctor.distribution) == [("Citus", "fault", WORKER)]


@only_postgresql
@pytest.mark.one_server
@pytest.mark.parametrize(
    ("command", "told"),
    [("serve", f"{WORKER} {ADVICE}\n"), ("migrate", f"?: (todo.E001) {WORKER}\n\tHINT: {ADVICE}\n")],
)
def test_worker_is_neither_served_nor_migrated(tmp_path, django_db_setup, command, told):
    with new_database(tmp_path, is_migrated=False) as url:
        with psycopg.connect(url, autocommit=True) as worker:
            worker.execute(CATALOG.format(group=1))
        with start(url, command) as process:
            _, said = process.communicate(timeout=60)
        with psycopg.connect(url) as worker:
            tables = worker.execute("SELECT 1 FROM pg_tables WHERE tablename IN ('tasks_task', 'django_migrations')")
            assert tables.fetchall() == []
    assert process.returncode == 1
    assert told in said.decode()


@only_postgresql
@pytest.mark.one_server
def test_doctor_does_not_advise_to_migrate_a_worker(tmp_path, django_db_setup):
    with new_database(tmp_path, is_migrated=False) as url:
        with psycopg.connect(url, autocommit=True) as worker:
            worker.execute(CATALOG.format(group=1))
        with start(url, "doctor") as process:
            said = process.communicate(timeout=60)[0].decode()
    assert (WORKER in said, "manage migrate" in said) == (True, False)


# Doctor and estimates


@only_postgresql
@pytest.mark.one_server
def test_primary_key_may_be_the_index_of_a_list(db):
    execute("ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey, ADD PRIMARY KEY (user_id, id)")
    execute("DROP INDEX task_user_id_id")
    assert found(doctor.index) == [("index", "ok", "a list goes through tasks_task_pkey")]


def test_rows_of_a_distributed_table_are_those_of_its_shards():
    assert planned_rows(json.loads(RECORDED)) == 1281 + 648


@only_postgresql
@pytest.mark.parametrize(
    ("version", "findings"),
    [
        (
            "CockroachDB CCL v24.3.1 (x86_64-pc-linux-gnu)",
            [("engine", "fault", "CockroachDB: Django needs another backend for it")],
        ),
        (
            "PostgreSQL 11.2-YB-2.21.0.0-b0 on x86_64-pc-linux-gnu",
            [("engine", "warning", "YugabyteDB: this service was not tried on it")],
        ),
        ("PostgreSQL 18.6 on x86_64-pc-linux-gnu", []),
    ],
)
def test_engine_that_is_not_postgresql_is_reported(db, version, findings):
    execute("CREATE SCHEMA other_engine")
    execute(f"CREATE FUNCTION other_engine.version() RETURNS text LANGUAGE sql AS $$ SELECT '{version}' $$")
    execute("SET LOCAL search_path = other_engine, pg_catalog, public")
    assert found(postgresql.engine) == findings


@only_postgresql
def test_engine_that_django_refuses_for_its_version_is_reported(transactional_db, monkeypatch):
    execute("CREATE SCHEMA other_engine")
    execute("CREATE FUNCTION other_engine.version() RETURNS text LANGUAGE sql AS $$ SELECT 'CockroachDB CCL v24' $$")
    path = {"options": "-c search_path=other_engine,pg_catalog,public"}
    connection.close()
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "OPTIONS", connection.settings_dict["OPTIONS"] | path)
        patched.setattr(connection.features, "minimum_database_version", (99,))
        patched.setattr("django.db.backends.base.base.RAN_DB_VERSION_CHECK", set())
        findings = found(database.database)
        connection.close()
    execute("DROP SCHEMA other_engine CASCADE")
    assert findings == [("engine", "fault", "CockroachDB: Django needs another backend for it")]


@pytest.mark.parametrize(
    ("host", "is_dsql"),
    [
        ("abc123.dsql.us-east-1.on.aws", True),
        ("abc123.dsql.eu-west-2.on.aws", True),
        ("mine.cluster-abc.eu-west-1.rds.amazonaws.com", False),
        ("dsql.example.com", False),
    ],
)
def test_aurora_dsql_is_known_by_its_host(host, is_dsql):
    assert postgresql.is_dsql(host) is is_dsql


# Statements that one server of a cluster can answer


def test_values_stand_in_the_statements_of_djangos_cursors(db):
    """So PostgreSQL plans them for their values, although the API's statements are planned for any."""
    if connection.vendor == "sqlite":
        pytest.skip("a matter of PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid() AND 'marker' = %s", ["marker"])
        assert cursor.fetchone()[0].endswith("'marker' = 'marker'")


@pytest.fixture
def locks():
    """The statements that lock tasks, each with its values."""
    sent = []

    def record(execute, sql, params, many, context):
        if sql.endswith("FOR UPDATE"):
            sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield sent


@only_postgresql
def test_action_locks_the_tasks_of_one_owner_at_a_time(admin_client, transactional_db, locks):
    insert([row(1, "b"), row(2, "a"), row(3, "b"), row(4, "a", is_completed=True)])
    chosen = {"action": "mark_completed", "_selected_action": [str(UUID(int=number)) for number in (1, 2, 3, 4)]}
    assert admin_client.post("/admin/tasks/task/", chosen).status_code == 302
    assert [sql.count('"user_id" = ') for sql, _ in locks] == [1, 1]
    assert [params[0] for _, params in locks] == ["a", "b"]
    assert set(Task.objects.values_list("is_completed", flat=True)) == {True}
    assert LogEntry.objects.count() == 3


@only_postgresql
def test_import_locks_the_tasks_of_one_owner_at_a_time(transactional_db, locks):
    insert([row(1, "b"), row(2, "a"), row(3, "b")])
    changed = {one["id"]: one for one in (row(1, "b", title="New"), row(2, "a", title="New"), row(3, "b"))}
    assert load(changed, "update").updated == 2
    assert [(sql.count('"user_id" = '), params[0]) for sql, params in locks] == [(1, "a"), (1, "b")]


@only_postgresql
def test_two_that_lock_the_same_tasks_do_not_wait_for_each_other(transactional_db):
    insert([row(number, f"user-{number % 7}") for number in range(1, 200)])
    failed = []

    def lock_repeatedly(order):
        try:
            for _ in range(10):
                with transaction.atomic():
                    assert len(list(locked_rows(Task.objects.order_by(order)))) == 199
        except Exception as error:
            failed.append(error)
        finally:
            connections["default"].close()

    threads = [Thread(target=lock_repeatedly, args=[order]) for order in ("id", "-id", "user_id", "-title")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@only_postgresql
def test_setting_for_one_statement_ends_with_its_transaction(db):
    with transaction.atomic(), connection.cursor() as cursor:
        set_locally(cursor, enable_seqscan="off", citus__explain_all_tasks="on")
        cursor.execute("SELECT current_setting('enable_seqscan'), current_setting('citus.propagate_set_commands')")
        assert cursor.fetchone() == ("off", "local")


# Steps through a table


def ids_of(steps):
    return [list(step.values_list("id", flat=True)) for step in steps]


@pytest.mark.parametrize(
    "numbers",
    [
        range(1, 26),
        # Each next step lies farther away, so the bound that is guessed for it has too few rows.
        [2**number for number in range(1, 26)],
        [*range(1, 14), *range(2**127, 2**127 + 12)],
        range(2**128 - 26, 2**128 - 1),
    ],
)
def test_steps_have_their_size_wherever_the_ids_lie(db, numbers):
    insert([row(1, id=UUID(int=number)) for number in numbers])
    steps = ids_of(keyset.steps(Task.objects.all(), 5))
    assert [len(step) for step in steps] == [5, 5, 5, 5, 5, 0]
    assert [task_id.int for step in steps for task_id in step] == list(numbers)


def test_end_of_a_step_is_sought_below_a_bound(db, django_assert_num_queries):
    """So each shard sends about its share of the ids, and not as many as the step has."""
    insert([row(number) for number in range(1, 26)])
    with CaptureQueriesContext(connection) as queries:
        assert len(list(keyset.steps(Task.objects.all(), 5))) == 6
    bounds = Counter(query["sql"].count('"id" <= ') for query in queries)
    assert bounds == {1: 4, 0: 3}


def test_numbers_are_walked_too(admin_user):
    for _ in range(12):
        LogEntry.objects.log_actions(admin_user.pk, [admin_user], 2, "")
    assert [len(step) for step in ids_of(keyset.steps(LogEntry.objects.all(), 5))] == [5, 5, 2]


@pytest.mark.skipif(not citus.IS_USED, reason="TEST_CITUS_URL names no coordinator of Citus")
def test_setting_for_one_statement_reaches_the_shards(db):
    insert([row(number, f"user-{number}") for number in range(100)])
    tasks = Task.objects.filter(id=UUID(int=7))
    with transaction.atomic(), connection.cursor() as cursor:
        set_locally(cursor, enable_seqscan="on", enable_indexscan="off", enable_bitmapscan="off")
        assert "Seq Scan" in tasks.explain()
    with transaction.atomic(), connection.cursor() as cursor:
        # The settings above last: to PostgreSQL the whole test is one transaction.
        set_locally(cursor, enable_seqscan="off", enable_indexscan="on")
        assert "Index Scan" in tasks.explain()


@pytest.mark.skipif(not citus.IS_USED, reason="TEST_CITUS_URL names no coordinator of Citus")
def test_doctor_finds_the_distributed_table_well(db):
    ((check, level, message),) = found(doctor.distribution)
    assert (check, level) == ("Citus", "ok")
    assert message.startswith("tasks are spread by user_id over 8 shards on ")
    assert found(doctor.index) == [("index", "ok", "a list goes through tasks_task_pkey")]
