import errno
import io
import json
import signal

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tasks.bulk.loading import insert
from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.commands import live_url, read_up_to, refusal, row, rows, run, start


@pytest.fixture
def history(db):
    """One admin's entries about two tasks of the owner, one of the stranger, one that is gone, and about a user."""
    insert([row(1), row(2), row(3), row(4, STRANGER)])
    admin = User.objects.create(username="admin")
    for number in (1, 1, 2, 4, 5):
        entry(admin, Task, row(number)["id"])
    entry(admin, User, row(1)["id"])


def entry(admin, model, object_id):
    model_type = ContentType.objects.get_for_model(model)
    LogEntry.objects.create(
        user=admin, content_type=model_type, object_id=object_id, object_repr="A title", action_flag=CHANGE
    )


def receipt(*arguments):
    out, _ = run("erase_user", *arguments)
    found = json.loads(out)
    assert found.pop("at").endswith("Z")
    return found


ERASED = {
    "user_id": OWNER,
    "tasks": 3,
    "admin_history_entries": 3,
    "admin_history_entries_of_tasks_gone_before": 1,
    "dry_run": False,
}


@pytest.mark.parametrize("size", [1, 2, 5000])
def test_everything_of_the_user_goes_and_nothing_else(history, size):
    assert receipt(OWNER, "--no-input", "--batch-size", size) == ERASED
    assert rows() == [row(4, STRANGER)]
    left = LogEntry.objects.order_by("id").values_list("content_type__model", "object_id")
    assert list(left) == [("task", str(row(4)["id"])), ("task", str(row(5)["id"])), ("user", str(row(1)["id"]))]


def test_user_without_tasks_gets_a_receipt_and_no_question(history):
    assert receipt("nobody") == ERASED | {"user_id": "nobody", "tasks": 0, "admin_history_entries": 0}
    assert len(rows()) == 4


def test_dry_run_erases_nothing(history):
    assert receipt(OWNER, "--dry-run") == ERASED | {"dry_run": True}
    assert (len(rows()), LogEntry.objects.count()) == (4, 6)


def test_talk_is_on_stderr(history):
    assert run("erase_user", OWNER, "--no-input")[1] == "This erases 3 tasks of user owner for good.\n"


def test_task_made_where_the_walk_has_been_goes_too(history):
    def meanwhile(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith('DELETE FROM "tasks_task"') and not late:
            late.append(row(0))
            insert(late)
        return result

    late = []
    with connection.execute_wrapper(meanwhile):
        assert receipt(OWNER, "--no-input", "--batch-size=1") == ERASED | {"tasks": 4}
    assert rows() == [row(4, STRANGER)]


def test_nothing_is_erased_without_a_yes(history, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match=r"^Not confirmed: nothing was changed. In a script, use --no-input.$"):
        run("erase_user", OWNER)
    assert (len(rows()), LogEntry.objects.count()) == (4, 6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: user_id\n"),
        ([""], "argument user_id: String should have at least 1 character\n"),
        (["a/b"], "argument user_id: A user id is UTF-8 without control characters and slashes\n"),
        (["x" * 256], "argument user_id: String should have at most 255 characters\n"),
    ],
)
def test_wrong_argument_ends_in_one_sentence(capsys, arguments, sentence):
    assert refusal(capsys, "erase_user", *arguments) == (1, sentence)


def test_interruption_leaves_whole_batches(transactional_db, tmp_path):
    insert([row(number) for number in range(1, 2001)])
    url = live_url(tmp_path)
    with start(url, "erase_user", OWNER, "--no-input", "--batch-size=10", "-v2") as process:
        read_up_to(process.stderr, b"Erased 10 tasks so far")
        process.send_signal(signal.SIGINT)
        last = process.stderr.read().decode().splitlines()[-1]
        receipt = json.loads(process.stdout.read())
    assert process.returncode == 130
    erased = last.removeprefix("Interrupted: erased ").removesuffix(" tasks. The same command goes on from there.")
    assert f"{receipt['tasks']:,}" == erased
    with start(url, "export_tasks", "-v0") as process:
        left = len(process.stdout.read().splitlines())
    # The interruption may come after a batch is committed and before it is counted.
    assert 2000 - int(erased.replace(",", "")) - left in (0, 10)


@pytest.mark.parametrize(
    ("output", "reason"),
    [(">/dev/full", "No space left on device"), (">&-", "stdout is closed"), ("| :", "Broken pipe")],
)
def test_nothing_is_erased_where_the_receipt_cannot_be_written(transactional_db, tmp_path, output, reason):
    insert([row(1), row(2)])
    url = live_url(tmp_path)
    with start(url, "erase_user", OWNER, "--no-input", shell=output) as process:
        last = process.stderr.read().decode().splitlines()[-1]
    assert last == f"The receipt cannot be written: {reason}. Nothing was erased."
    with start(url, "export_tasks", "-v0") as process:
        assert len(process.stdout.read().splitlines()) == 2


def test_receipt_that_cannot_be_written_after_all_is_told_on_stderr(history, monkeypatch):
    class Filling(io.StringIO):
        def write(self, text):
            if text.startswith("{"):
                raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(CommandError) as failure:
        call_command("erase_user", OWNER, "--no-input", stdout=Filling(), stderr=io.StringIO())
    erased = "Erased: 3 tasks, entries of the admin's history: 3."
    assert str(failure.value) == f"The receipt cannot be written: No space left on device. {erased}"
