"""The database does what it was asked, and its answer is lost: no write is lost for that, done twice or refused."""

from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.faults.test_dropped_connections import DELETE, REPEATED, TASKS, TOGGLE, UNAVAILABLE, expected
from tests.support.client import Client
from tests.support.proxy import PARSE, Proxy
from tests.support.service import Service

CONDITIONS = [{"If-Match": '"another", {tag}'}, {"If-Match": "*"}, {"If-None-Match": '"another"'}]
KEY = {"Idempotency-Key": "a-key"}
BATCH = {"tasks": [{"title": "First"}, {"title": "Second", "is_completed": True}, {"title": "Third"}]}


@pytest.fixture(scope="module")
def far(primary, running, tmp_path_factory):
    """A client of the service, and a proxy between the service and its database."""
    with Proxy(primary.port) as proxy:
        url = primary.url().replace(f":{primary.port}/", f":{proxy.port}/")
        with Service(url, tmp_path_factory.mktemp("far") / "log") as service, Client(service.port) as client:
            yield client, proxy
            assert "Traceback" not in service.log.read_text()


@pytest.fixture
def path():
    """The tasks of a user whom no other test has."""
    return f"/api/{uuid4()}/tasks"


@pytest.fixture
def task(far):
    return far[0]("POST", TASKS, {"title": "Old"}).body


def answered_again(far, *request, **lost):
    """The answer to a request whose first answer from the database is lost."""
    client, proxy = far
    with proxy.losing_an_answer(**lost):
        return client(*request)


def with_tag(headers, task):
    return {name: value.format(tag=f'"{task["updated_at"]}"') for name, value in headers.items()}


def assert_not_acknowledged(answer):
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (503, UNAVAILABLE, "2")


# Repeated


@pytest.mark.parametrize(("method", "suffix", "body"), REPEATED)
def test_what_is_safe_to_repeat_is_repeated(far, task, method, suffix, body):
    answer = answered_again(far, method, f"{TASKS}/{task['id']}{suffix}", body)
    assert (answer.status, answer.body) == (200, expected(task, body, answer.body))


@pytest.mark.parametrize("headers", CONDITIONS, ids=["a tag", "any tag", "not a tag"])
@pytest.mark.parametrize(("method", "suffix", "body"), REPEATED[1:])
def test_a_condition_does_not_refuse_a_write_for_what_that_wrote_itself(far, task, method, suffix, body, headers):
    place = f"{TASKS}/{task['id']}"
    answer = answered_again(far, method, place + suffix, body, with_tag(headers, task))
    assert (answer.status, answer.body) == (200, expected(task, body, answer.body))
    assert answer.body["updated_at"] > task["updated_at"]
    assert far[0]("GET", place).body == answer.body


def test_nor_does_it_where_the_clock_is_behind_the_task(primary, far, task):
    place, last = f"{TASKS}/{task['id']}", "2100-01-01T00:00:00Z"
    primary.execute(f"UPDATE tasks_task SET updated_at = '{last}' WHERE id = '{task['id']}'")
    answer = answered_again(far, "PUT", place, {"title": "New"}, {"If-Match": f'"{last}"'})
    moved = {"title": "New", "updated_at": "2100-01-01T00:00:00.000001Z"}
    assert (answer.status, answer.body) == (200, task | moved)


def test_a_condition_that_never_held_refuses_it_both_times(far, task):
    answer = answered_again(far, "PUT", f"{TASKS}/{task['id']}", {"title": "New"}, {"If-Match": '"another"'})
    assert (answer.status, answer.body) == (412, {"detail": "The task has changed"})
    assert answer.headers["ETag"] == f'"{task["updated_at"]}"'
    assert far[0]("GET", f"{TASKS}/{task['id']}").body == task


@pytest.mark.parametrize("after", [0, 20_000, 100_000])
def test_a_list_that_breaks_off_comes_whole_and_each_task_once(primary, far, path, after):
    primary.execute(f"""
        INSERT INTO tasks_task SELECT gen_random_uuid(), '{path.split("/")[2]}', 'Task ' || n, NULL, false, now(), now()
        FROM generate_series(1, 1000) AS n
    """)
    answer = answered_again(far, "GET", path, after=after)
    ids = [task["id"] for task in answer.body]
    assert (answer.status, len(ids), ids) == (200, 1000, sorted(set(ids)))


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without a key", "with a key"])
def test_a_create_makes_one_task(far, path, headers):
    answer = answered_again(far, "POST", path, {"title": "Once"}, headers)
    assert (answer.status, answer.headers.get("Idempotency-Replayed")) == (201, None)
    assert far[0]("GET", path).body == [answer.body]


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without a key", "with a key"])
def test_a_batch_makes_each_task_once(far, path, headers):
    answer = answered_again(far, "POST", f"{path}/batch", BATCH, headers)
    assert (answer.status, answer.headers.get("Idempotency-Replayed")) == (201, None)
    assert [task["title"] for task in answer.body] == ["First", "Second", "Third"]
    assert far[0]("GET", path).body == answer.body


def test_a_replay_is_told_as_one(far, path):
    created = far[0]("POST", path, {"title": "Once"}, KEY)
    replayed = answered_again(far, "POST", path, {"title": "Once"}, KEY)
    assert (replayed.status, replayed.body) == (201, created.body)
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert far[0]("GET", path).body == [created.body]


# Sent again while the first one runs

KEY_INDEX = "task_user_id_idempotency_key"
SLOW_INDEX = """
CREATE FUNCTION slowly(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
$$ BEGIN IF $1 = 'Slow' THEN PERFORM pg_sleep(0.4); END IF; RETURN $1; END $$;
CREATE INDEX ON tasks_task (slowly(title));
"""
IDS_ANEW = "ALTER TABLE tasks_task DROP CONSTRAINT tasks_task_pkey; ALTER TABLE tasks_task ADD PRIMARY KEY (id)"


@contextmanager
def slow_way_to_the_index_of_ids(primary):
    """A row comes into the indexes in the order in which they were made: into a slow one, that of ids, that of keys."""
    [(definition,)] = primary.execute(f"SELECT indexdef FROM pg_indexes WHERE indexname = '{KEY_INDEX}'")
    primary.execute(f"{SLOW_INDEX} {IDS_ANEW}; DROP INDEX {KEY_INDEX}; {definition}")
    yield
    primary.execute("DROP FUNCTION slowly CASCADE")


@pytest.mark.parametrize("titles", [["Slow"], ["Slow", "Second"]], ids=["create", "batch"])
def test_a_create_with_a_key_that_meets_its_own_ids_makes_its_tasks_once(primary, far, path, titles):
    bodies = [{"title": title} for title in titles]
    request = ("", bodies[0]) if len(bodies) == 1 else ("/batch", {"tasks": bodies})
    with slow_way_to_the_index_of_ids(primary):
        answer = answered_again(far, "POST", path + request[0], request[1], KEY, waits=False)
    assert answer.status == 201
    assert far[0]("GET", path).body == (answer.body if len(bodies) > 1 else [answer.body])


# Done once, and not acknowledged


@pytest.mark.parametrize("tag", ["{tag}", '"9999-12-31T23:59:59.999999Z"'], ids=["its last", "the last of all"])
def test_a_write_that_a_newer_tag_refuses_may_have_been_overwritten(far, task, tag):
    """The first one may have been done, and another client may have written after it. Nobody can know."""
    place = f"{TASKS}/{task['id']}"
    changed = far[0]("PUT", place, {"title": "Newer"}).body
    assert_not_acknowledged(answered_again(far, "PUT", place, {"title": "New"}, with_tag({"If-Match": tag}, task)))
    assert far[0]("GET", place).body == changed


@pytest.mark.parametrize("headers", [{}, {"If-Match": "{tag}"}], ids=["", "with a condition"])
def test_a_toggle_is_done_once(far, task, headers):
    place = f"{TASKS}/{task['id']}"
    assert_not_acknowledged(answered_again(far, "PATCH", f"{place}/complete", None, with_tag(headers, task)))
    assert far[0]("GET", place).body["is_completed"] is True


@pytest.mark.parametrize("headers", [{}, {"If-Match": "{tag}"}], ids=["", "with a condition"])
def test_a_delete_is_no_false_404(far, task, headers):
    place = f"{TASKS}/{task['id']}"
    assert_not_acknowledged(answered_again(far, "DELETE", place, None, with_tag(headers, task)))
    assert far[0]("GET", place).status == 404


def test_a_bulk_completion_counts_nothing_that_it_did_before(far, path):
    tasks = far[0]("POST", f"{path}/batch", BATCH).body
    assert_not_acknowledged(answered_again(far, "PATCH", f"{path}?q=first", {"is_completed": True}))
    after = far[0]("GET", path).body
    assert after == [tasks[0] | {"is_completed": True, "updated_at": after[0]["updated_at"]}, *tasks[1:]]


def test_a_bulk_deletion_takes_nothing_that_came_after_it(far, path):
    tasks = far[0]("POST", f"{path}/batch", BATCH).body
    assert_not_acknowledged(answered_again(far, "DELETE", f"{path}?is_completed=false"))
    assert far[0]("GET", path).body == [tasks[1]]


# Lost before it was done


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [TOGGLE, DELETE, ("PATCH", "?q=old", {"is_completed": True}), ("DELETE", "?q=old", None)],
)
def test_what_was_not_sent_yet_is_sent_again(primary, far, path, method, suffix, body):
    """The service prepares a statement before it executes it. If the answer to that is lost, no task has changed."""
    client, _ = far
    task = client("POST", path, {"title": "Old"}).body
    primary.terminate()
    place = path if suffix.startswith("?") else f"{path}/{task['id']}"
    assert answered_again(far, method, place + suffix, body, message=PARSE).status == 200
    after = client("GET", path).body
    assert after == [] if method == "DELETE" else after[0]["is_completed"] is True
