import io
import re
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from tasks.bulk.loading import insert
from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.commands import failing, live_url, read_up_to, refusal, row, rows, run, start

NOW = timezone.now()


def aged(number, user_id=OWNER, *, days, **members):
    """A task that was created a year ago and last written to `days` days ago."""
    times = {"created_at": NOW - timedelta(days=365), "updated_at": NOW - timedelta(days=days)}
    return row(number, user_id, **times, **members)


OLD_DONE = aged(1, days=100, is_completed=True)
OLD_OPEN = aged(2, days=100)
NEW_DONE = aged(3, days=1, is_completed=True)
STRANGERS = aged(4, STRANGER, days=100, is_completed=True)


@pytest.fixture(autouse=True)
def tasks(db):
    insert([OLD_DONE, OLD_OPEN, NEW_DONE, STRANGERS])


@pytest.mark.parametrize("size", [1, 2, 5000])
@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["--completed"], [OLD_OPEN]),
        (["--open"], [OLD_DONE, NEW_DONE, STRANGERS]),
        (["--older-than", "90d"], [NEW_DONE]),
        (["--older-than", "2400h", "--completed"], [OLD_OPEN, NEW_DONE]),
        (["--older-than", "13w"], [NEW_DONE]),
        (["--completed", "--older-than", "90d", "--user-id", OWNER], [OLD_OPEN, NEW_DONE, STRANGERS]),
        (["--older-than", "200d"], [OLD_DONE, OLD_OPEN, NEW_DONE, STRANGERS]),
    ],
)
def test_filters_pick_what_is_deleted(arguments, left, size):
    run("purge_tasks", "--no-input", "--batch-size", size, *arguments)
    assert rows() == left


def test_purge_says_what_and_how_many_before_it_deletes():
    out, said = run("purge_tasks", "--completed", "--older-than=90d", "--user-id", OWNER, "--no-input")
    first, last = said.splitlines()
    assert re.fullmatch(
        r"This deletes 1 completed task of user owner, not written to since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.", first
    )
    assert (out, last) == ("", "Deleted 1 task.")


def test_dry_run_deletes_nothing():
    out, said = run("purge_tasks", "--completed", "--dry-run")
    assert (out, said) == ("", "This would delete 3 completed tasks.\n")
    assert len(rows()) == 4


@pytest.mark.parametrize("answer", ["yes\n", "YES \n"])
def test_purge_asks_and_takes_yes(monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    _, said = run("purge_tasks", "--completed")
    assert "\nThey cannot be brought back. Type yes to go on: Deleted 3 tasks.\n" in said
    assert rows() == [OLD_OPEN]


@pytest.mark.parametrize("answer", ["y\n", "\n", ""])
def test_purge_asks_and_takes_nothing_else(monkeypatch, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    _, sentence = failing("purge_tasks", "--completed")
    assert sentence == "Not confirmed: nothing was changed. In a script, use --no-input."
    assert len(rows()) == 4


class Meanwhile(io.StringIO):
    """Writes to two tasks, then answers yes."""

    def readline(self):
        Task.objects.filter(id=OLD_DONE["id"]).update(updated_at=timezone.now())
        Task.objects.filter(id=OLD_OPEN["id"]).update(is_completed=True, updated_at=timezone.now())
        return "yes"


def test_what_is_written_to_after_the_count_stays(monkeypatch):
    monkeypatch.setattr("sys.stdin", Meanwhile())
    run("purge_tasks", "--completed")
    assert [task["id"] for task in rows()] == [OLD_DONE["id"], OLD_OPEN["id"]]


@pytest.mark.parametrize("arguments", [[], ["--no-input"], ["--user-id", OWNER, "--no-input"], ["--dry-run"]])
def test_purge_without_a_filter_is_refused(arguments):
    sentence = "Add --completed, --open or --older-than. For everything of one user, use erase_user."
    assert failing("purge_tasks", *arguments) == ("", sentence)
    assert len(rows()) == 4


@pytest.mark.parametrize("age", ["90", "d", "-1d", "1.5d", "90 days", "1m", "٣d", "100000w"])
def test_wrong_age_ends_in_one_sentence(capsys, age):
    wanted = "must be a number with h, d or w behind it, such as 12h, 90d or 4w"
    sentence = f"argument --older-than: {wanted}, not {age!r}\n"
    assert refusal(capsys, "purge_tasks", f"--older-than={age}") == (1, sentence)


@pytest.fixture
def live(transactional_db, tmp_path):
    Task.objects.all().delete()
    insert([row(number, is_completed=True) for number in range(1, 2001)])
    return live_url(tmp_path)


def test_interruption_leaves_whole_batches(live):
    with start(live, "purge_tasks", "--completed", "--no-input", "--batch-size=10", "-v2") as process:
        read_up_to(process.stderr, b"Deleted 10 tasks so far")
        process.send_signal(signal.SIGINT)
        last = process.stderr.read().decode().splitlines()[-1]
    assert process.returncode == 130
    deleted = int(last.removeprefix("Interrupted: deleted ").removesuffix(" tasks.").replace(",", ""))
    with start(live, "export_tasks", "-v0") as process:
        left = len(process.stdout.read().splitlines())
    # The interruption may come after a batch is committed and before it is counted.
    assert 2000 - deleted - left in (0, 10)
