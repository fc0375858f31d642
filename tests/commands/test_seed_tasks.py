import signal
from collections import Counter
from datetime import timedelta

import pytest

from tasks.bulk.loading import insert
from tasks.identifiers import moment_of
from tasks.models import Task
from tests.conftest import OWNER
from tests.support.commands import live_url, refusal, row, rows, run, start

CURL = "curl http://localhost:8123/api/user-1/tasks\n"


@pytest.fixture(autouse=True)
def address(settings):
    settings.HOST, settings.PORT = "0.0.0.0", 8123


def test_seed_makes_as_many_tasks_over_as_many_users(db):
    said = run("seed_tasks", "--users", 7, "--tasks", 100, "--seed", 3, "--batch-size", 30)
    assert said == (CURL, "Created 100 tasks with seed 3, found 0 here already.\n")
    owners = Counter(task["user_id"] for task in rows())
    assert set(owners) == {f"user-{number}" for number in range(1, 8)}
    assert owners["user-1"] > 100 / 7 > owners["user-7"]


def test_each_user_has_a_task(db):
    run("seed_tasks", "--users=95", "--tasks=100", "--seed=3")
    assert len({task["user_id"] for task in rows()}) == 95


def test_same_seed_makes_the_same_tasks(db):
    run("seed_tasks", "--tasks=50", "--seed=3")
    first = rows()
    Task.objects.all().delete()
    run("seed_tasks", "--tasks=50", "--seed=3", "--batch-size=7")
    assert rows() == first
    Task.objects.all().delete()
    run("seed_tasks", "--tasks=50", "--seed=4")
    assert rows() != first


def test_same_seed_twice_changes_nothing(db):
    run("seed_tasks", "--tasks=50", "--seed=3")
    first = rows()
    assert run("seed_tasks", "--tasks=50", "--seed=3")[1] == "Created 0 tasks with seed 3, found 50 here already.\n"
    assert rows() == first


def test_without_a_seed_each_run_makes_others(db):
    run("seed_tasks", "--tasks=20")
    run("seed_tasks", "--tasks=20")
    assert len(rows()) == 40


def test_tasks_are_what_the_service_would_have_made(db):
    run("seed_tasks", "--tasks=200", "--seed=1")
    for task in Task.objects.all():
        task.full_clean()
        assert task.id.version == 7
        assert task.id.int >> 80 == int(task.created_at.timestamp() * 1000)
        assert timedelta() <= task.created_at - moment_of(task.id) <= timedelta(microseconds=1)
        assert task.updated_at >= task.created_at
    by_time = list(Task.objects.order_by("created_at").values_list("id", flat=True))
    assert by_time == sorted(by_time)
    assert {task["description"] for task in rows()} > {None, ""}


def test_user_id_gives_all_tasks_to_that_user_and_leaves_the_others(db):
    insert([row(1)])
    out, _ = run("seed_tasks", "--tasks=5", "--user-id", "a b'ü")
    assert out == "curl http://localhost:8123/api/a%20b%27%C3%BC/tasks\n"
    assert Counter(task["user_id"] for task in rows()) == {"a b'ü": 5, OWNER: 1}


def test_curl_line_has_the_path_prefix(db, settings):
    settings.SCRIPT_NAME = "/svc"
    assert run("seed_tasks", "--tasks=10", "--seed=3")[0] == "curl http://localhost:8123/svc/api/user-1/tasks\n"


def test_dry_run_writes_nothing(db):
    said = "Created 50 tasks with seed 3, found 0 here already. A dry run: nothing was written.\n"
    assert run("seed_tasks", "--tasks=50", "--seed=3", "--dry-run") == (CURL, said)
    assert rows() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--tasks", "0"], "argument --tasks: must be a whole number from 1 on, not '0'\n"),
        (["--tasks", "many"], "argument --tasks: must be a whole number from 1 on, not 'many'\n"),
        (["--tasks", "2", "--users", "3"], "--users must not be over --tasks: each user gets a task.\n"),
        (["--users", "10", "--user-id", "a"], "argument --user-id: not allowed with argument --users\n"),
        (["--users", "3", "--user-id", "a"], "argument --user-id: not allowed with argument --users\n"),
        (["--seed", "x"], "argument --seed: invalid int value: 'x'\n"),
    ],
)
def test_wrong_argument_ends_in_one_sentence(capsys, arguments, sentence):
    assert refusal(capsys, "seed_tasks", *arguments) == (1, sentence)


def test_interruption_leaves_whole_batches(transactional_db, tmp_path):
    url = live_url(tmp_path)
    with start(url, "seed_tasks", "--tasks=5000", "--seed=3", "--batch-size=10", "-v2") as process:
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        last = process.stderr.read().decode().splitlines()[-1]
    created = int(last.removeprefix("Interrupted: Created ").split()[0].replace(",", ""))
    assert process.returncode == 130
    with start(url, "export_tasks", "-v0") as process:
        lines = process.stdout.read().splitlines()
    assert len(lines) % 10 == 0
    # The interruption may come after a batch is committed and before it is counted.
    assert len(lines) - created in (0, 10)
