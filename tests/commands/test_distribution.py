"""`distribute_tasks` on a Citus cluster, each test with its own database there."""

import signal
from urllib.parse import urlsplit

import pytest

from tests.commands.test_distribute_tasks import KEYS, KEYS_OF_MIGRATIONS, STATE
from tests.conftest import migrate
from tests.support import citus
from tests.support.citus import citus_database, execute, worker_urls
from tests.support.commands import start
from tests.support.load import Load
from tests.support.pgbouncer import NOT_INSTALLED, PROGRAM, PgBouncer
from tests.support.service import START_SECONDS, Gunicorn
from tests.support.waiting import until

pytestmark = [
    pytest.mark.run_once("postgresql"),
    pytest.mark.skipif(not citus.URL, reason="TEST_CITUS_URL names no coordinator of Citus"),
]
ROWS = "SELECT count(*), sum(hashtext((id, user_id, title, is_completed, updated_at)::text)) FROM tasks_task"
# The column by which they are spread, and how many there are.
SHARDS = """
SELECT column_to_column_name(logicalrelid, partkey), count(*)
FROM pg_dist_partition JOIN pg_dist_shard USING (logicalrelid) GROUP BY 1
"""
KNOWN = "SELECT partmethod FROM pg_dist_partition"
WORKING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT {}(%'
"""
FILL = """
INSERT INTO tasks_task
SELECT lpad(to_hex(n), 32, '0')::uuid, 'user-' || n % 100, 'Task ' || n, NULL, false, now(), now()
FROM generate_series(1, 20000) AS n
"""
BRIEF = "lock ACCESS EXCLUSIVE for some milliseconds, tried again until no transaction is in the way"
SHARED = "lock SHARE UPDATE EXCLUSIVE, reads and writes go on"


@pytest.fixture
def url():
    with citus_database() as url:
        migrate(url)
        execute(url, FILL, "ANALYZE tasks_task")
        yield url


def distribute(url, *arguments, fails=False):
    """What the command writes to stderr."""
    with start(url, "distribute_tasks", "--no-input", *arguments) as process:
        out, said = process.communicate(timeout=100)
    assert (out, process.returncode) == (b"", int(fails)), said.decode()
    return said.decode()


def state(url):
    return set(execute(url, STATE))


def test_dry_run_says_each_step_and_changes_nothing(url):
    before = state(url)
    first, *steps, last = distribute(url, "--dry-run", "--shards=4").splitlines()
    assert first.startswith("The tasks (about 20,000 tasks, ")
    assert first.endswith(" MiB) are to be in 4 shards on 2 nodes:")
    assert [*steps, last] == [
        f"1. builds a unique index on (user_id, id): {SHARED}",
        f"2. builds an index on (id): {SHARED}",
        f"3. makes (user_id, id) the primary key: {BRIEF}",
        f"4. drops the index task_user_id_id, which is of no more use: {SHARED}",
        "5. copies the tasks into 4 shards: lock EXCLUSIVE, reads go on, writes wait, and are answered 503 after the "
        "service's LOCK_TIMEOUT_MS at the latest",
        f"6. empties the table on this server, whose rows are in the shards now: {BRIEF}",
        f"7. counts and samples the tasks anew for the planner: {SHARED}",
    ]
    assert (state(url), execute(url, SHARDS)) == (before, [])


@pytest.mark.parametrize("how", [[], ["--online"]])
def test_tasks_are_spread_and_come_back_to_the_schema_of_the_migrations(url, how):
    before, rows = state(url), execute(url, ROWS)
    distribute(url, "--shards=4", *how)
    assert execute(url, SHARDS) == [("user_id", 4)]
    assert execute(url, "SELECT pg_relation_size('tasks_task')") == [(0,)]
    assert (state(url), execute(url, ROWS)) == (before - KEYS_OF_MIGRATIONS | KEYS, rows)
    assert distribute(url, *how).count(": done already\n") == 6
    migrate(url)
    distribute(url, "--undo")
    assert (state(url), execute(url, ROWS), execute(url, SHARDS)) == (before, rows, [])
    assert distribute(url, "--undo").count(": done already\n") == 5


def interrupt(url, how, end):
    """Interrupts the command while it copies. Gives its exit code and the last line of its stderr."""
    function = "create_distributed_table_concurrently" if how else "create_distributed_table"
    with start(url, "distribute_tasks", "--no-input", *how) as process:
        ((pid,),) = until(lambda: execute(url, WORKING.format(function)), START_SECONDS)
        if how:
            # From here on an interruption leaves a table that Citus knows and has not spread.
            until(lambda: execute(url, KNOWN))
        if end == "command":
            process.send_signal(signal.SIGINT)
        else:
            execute(url, f"SELECT pg_terminate_backend({pid})")
        said = process.stderr.read().decode().splitlines()[-1]
    return process.returncode, said


@pytest.mark.parametrize("how", [[], ["--online"]])
def test_copy_that_was_interrupted_is_made_anew(url, how):
    rows = execute(url, ROWS)
    sentence = "Interrupted: 4 steps done. The same command goes on from there."
    assert interrupt(url, how, "command") == (130, sentence)
    assert execute(url, ROWS) == rows
    code, said = interrupt(url, how, "server")
    assert (code, said.startswith("The database refused: ")) == (1, True)
    assert execute(url, ROWS) == rows
    distribute(url, *how)
    assert (execute(url, SHARDS), execute(url, ROWS)) == ([("user_id", 32)], rows)


def test_online_copy_that_was_interrupted_can_be_undone_or_made_at_once(url):
    before, rows = state(url), execute(url, ROWS)
    interrupt(url, ["--online"], "server")
    assert execute(url, KNOWN) == [("n",)]
    distribute(url, "--undo")
    assert (state(url), execute(url, ROWS)) == (before, rows)
    interrupt(url, ["--online"], "server")
    assert execute(url, KNOWN) == [("n",)]
    distribute(url)
    assert (execute(url, SHARDS), execute(url, ROWS)) == ([("user_id", 32)], rows)


def test_two_at_once_are_one(url):
    with start(url, "distribute_tasks", "--no-input", "--online") as process:
        until(lambda: execute(url, WORKING.format("create_distributed_table_concurrently")), START_SECONDS)
        said = distribute(url, "--online", fails=True)
        process.communicate(timeout=100)
    assert said.splitlines()[-1] == "Another distribute_tasks is at work on this database."
    assert process.returncode == 0


def test_worker_is_refused(url):
    for worker in worker_urls(url):
        said = distribute(worker, fails=True)
        assert said == "The database is a worker of a Citus cluster: name the coordinator in DATABASE_URL.\n"


def test_cluster_without_a_node_for_shards_is_refused(url):
    execute(url, "SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', false) FROM pg_dist_node")
    advice = "run SELECT citus_add_node('HOST', PORT) here."
    assert distribute(url, fails=True) == f"The cluster has no node that may hold shards: {advice}\n"


def test_table_that_is_spread_otherwise_is_refused(url):
    distribute(url, "--shards=4")
    said = distribute(url, "--shards=8", fails=True)
    assert said == "The tasks are in 4 shards already: alter_distributed_table changes their number.\n"
    distribute(url, "--undo")
    execute(url, "ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey", "DROP INDEX task_user_id_idempotency_key")
    execute(url, "SELECT create_distributed_table('tasks_task', 'id')")
    said = distribute(url, fails=True)
    assert said == "The tasks are spread by id already: only by user_id each request is one shard's.\n"


def test_undo_leaves_two_users_tasks_of_one_id_where_they_are(url):
    distribute(url, "--shards=4")
    same = "SELECT id, 'stranger', title, NULL, false, now(), now() FROM tasks_task LIMIT 2"
    execute(url, f"INSERT INTO tasks_task {same}")
    before, rows = state(url), execute(url, ROWS)
    said = distribute(url, "--undo", fails=True)
    assert said == "2 ids are ids of several users' tasks, which one server does not allow: nothing was changed.\n"
    assert (state(url), execute(url, ROWS), execute(url, SHARDS)) == (before, rows, [("user_id", 4)])


@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_pooler_is_refused(url):
    parts = urlsplit(url)
    with PgBouncer(parts.port) as pooler:
        behind = parts._replace(netloc=f"postgres@127.0.0.1:{pooler.port}").geturl()
        said = distribute(behind, fails=True)
    assert said == "A pooler stands before the database: name PostgreSQL itself in DATABASE_URL for this command.\n"


@pytest.mark.parametrize("how", [[], ["--online"], ["--undo"]])
def test_nothing_acknowledged_is_lost_meanwhile(url, tmp_path, how):
    if how == ["--undo"]:
        distribute(url, "--shards=4")
    with Gunicorn(url, tmp_path / "log") as service:
        with Load(service.port, clients=6) as load:
            until(lambda: load.acknowledged_writes > 100, 60)
            distribute(url, *how)
            done = load.acknowledged_writes
            until(lambda: load.acknowledged_writes > done + 100, 60)
        assert load.wrong() == []
        assert {status for _, status in load.failed("POST", "PUT", "PATCH", "DELETE")} <= {503}
        # On the way back reads wait too.
        assert set(load.failed("GET")) <= ({("GET", 503)} if how == ["--undo"] else set())
