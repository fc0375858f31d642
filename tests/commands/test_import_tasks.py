import gzip
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import connection

from tasks.bulk import loading
from tasks.models import TITLE_MAX_LENGTH
from tasks.statements import FIELDS
from tests.conftest import OWNER, STRANGER
from tests.support.commands import NEW_YEAR, failing, line_file, live_url, refusal, row, rows, run
from todo_project.api.renderers import dumps


def test_id_times_and_owner_are_kept(db, tmp_path):
    tasks = [row(1, updated_at=NEW_YEAR + timedelta(days=1, microseconds=7)), row(2, STRANGER, description="")]
    assert run("import_tasks", line_file(tmp_path, *tasks)) == ("", "2 created, 0 updated, 0 skipped.\n")
    assert rows() == tasks


def test_members_left_out_have_the_defaults_of_the_api(db, tmp_path):
    run("import_tasks", line_file(tmp_path, {"id": row()["id"], "user_id": OWNER, "title": " a ", "colour": "red"}))
    (task,) = rows()
    assert task == row(title="a", created_at=task["created_at"], updated_at=task["created_at"])
    assert task["created_at"] > NEW_YEAR


def test_columns_in_any_order_are_read(db, tmp_path):
    csv = b"title,is_completed,colour,id,user_id\r\n\r\nTask 1,TRUE,red,00000000-0000-0000-0000-000000000001,owner\r"
    run("import_tasks", line_file(tmp_path, csv, name="tasks.csv"))
    (task,) = rows()
    assert task == row(is_completed=True, created_at=task["created_at"], updated_at=task["created_at"])


def test_the_same_file_twice_changes_nothing(db, tmp_path):
    file = line_file(tmp_path, row(1), row(2))
    run("import_tasks", file)
    for policy in ("skip", "update"):
        _, said = run("import_tasks", file, "--on-conflict", policy)
        assert said == "0 created, 0 updated, 2 skipped.\n"
    assert rows() == [row(1), row(2)]


CHANGED = row(1, title="Changed", description="new", is_completed=True, updated_at=NEW_YEAR)


def test_conflict_is_skipped_by_default(db, tmp_path):
    loading.insert([row(1)])
    assert run("import_tasks", line_file(tmp_path, CHANGED)) == ("", "0 created, 0 updated, 1 skipped.\n")
    assert rows() == [row(1)]


def test_conflict_is_updated_to_what_the_line_says(db, tmp_path):
    loading.insert([row(1), row(2), row(3, STRANGER)])
    _, said = run("import_tasks", line_file(tmp_path, CHANGED, row(2), row(4)), "--on-conflict=update")
    assert said == "1 created, 1 updated, 1 skipped.\n"
    [changed, *others] = rows()
    assert changed == CHANGED | {"updated_at": changed["updated_at"]}
    assert others == [row(2), row(3, STRANGER), row(4)]


def test_update_moves_updated_at_and_the_same_file_again_changes_nothing(db, tmp_path):
    loading.insert([row(1)])
    file = line_file(tmp_path, row(1, is_completed=True))
    assert run("import_tasks", file, "--on-conflict=update")[1] == "0 created, 1 updated, 0 skipped.\n"
    [changed] = rows()
    assert changed == row(1, is_completed=True) | {"updated_at": changed["updated_at"]}
    assert changed["updated_at"] > row(1)["updated_at"]
    assert run("import_tasks", file, "--on-conflict=update")[1] == "0 created, 0 updated, 1 skipped.\n"
    assert rows() == [changed]


AHEAD = NEW_YEAR.replace(year=9000)
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AHEAD, AHEAD + timedelta(microseconds=1)),
        (LAST_MOMENT - timedelta(microseconds=1), LAST_MOMENT),
        (LAST_MOMENT, LAST_MOMENT),
    ],
)
def test_update_moves_updated_at_where_the_clock_is_behind_it(db, tmp_path, before, after):
    loading.insert([row(1, updated_at=before)])
    file = line_file(tmp_path, row(1, title="Changed"))
    assert run("import_tasks", file, "--on-conflict=update")[1] == "0 created, 1 updated, 0 skipped.\n"
    assert rows() == [row(1, title="Changed", updated_at=after)]


def test_update_leaves_what_a_line_does_not_name(db, tmp_path):
    loading.insert([row(1, description="Kept", is_completed=True)])
    named = {name: value for name, value in row(1, title="Changed").items() if name in ("id", "user_id", "title")}
    run("import_tasks", line_file(tmp_path, named), "--on-conflict=update")
    [changed] = rows()
    expected = row(1, title="Changed", description="Kept", is_completed=True)
    assert changed == expected | {"updated_at": changed["updated_at"]}


def test_conflict_is_an_error_where_that_is_asked_for(db, tmp_path):
    loading.insert([row(1)])
    said, _ = failing("import_tasks", line_file(tmp_path, row(2), CHANGED), "--on-conflict=error")
    assert said == "line 2: A task with this id exists already\n1 created, 0 updated, 0 skipped.\n"
    assert rows() == [row(1), row(2)]


@pytest.mark.parametrize("policy", ["skip", "update", "error"])
def test_another_users_task_is_never_changed(db, tmp_path, policy):
    loading.insert([row(1, STRANGER)])
    said, _ = failing("import_tasks", line_file(tmp_path, CHANGED), f"--on-conflict={policy}")
    assert said == "line 1: This id is the id of another user's task\n0 created, 0 updated, 0 skipped.\n"
    assert rows() == [row(1, STRANGER)]


def test_second_line_of_an_id_meets_the_first(db, tmp_path):
    file = line_file(tmp_path, row(1), CHANGED, row(1, STRANGER))
    said, _ = failing("import_tasks", file, "--on-conflict=update")
    assert said == "line 3: This id is the id of another user's task\n1 created, 1 updated, 0 skipped.\n"
    [changed] = rows()
    assert changed == CHANGED | {"updated_at": changed["updated_at"]}


def test_user_id_gives_all_tasks_to_that_user(db, tmp_path):
    nobodys = {name: value for name, value in json.loads(dumps(row(2))).items() if name != "user_id"}
    run("import_tasks", line_file(tmp_path, row(1, STRANGER), nobodys), "--user-id", OWNER)
    assert rows() == [row(1), row(2)]


def test_dry_run_counts_and_writes_nothing(db, tmp_path):
    loading.insert([row(1), row(2)])
    _, said = run("import_tasks", line_file(tmp_path, CHANGED, row(2), row(3)), "--on-conflict=update", "--dry-run")
    assert said == "1 created, 1 updated, 1 skipped; a dry run, so nothing was written.\n"
    assert rows() == [row(1), row(2)]


def test_import_stops_at_the_last_error_allowed_with_whole_batches(db, tmp_path):
    file = line_file(tmp_path, row(1), row(2), row(3), b"{", row(4), b"{", row(5))
    _, sentence = failing("import_tasks", file, "--max-errors=2", "--batch-size=2")
    assert sentence == "Stopped at 2 bad lines. 2 created, 0 updated, 0 skipped."
    assert rows() == [row(1), row(2)]


def test_lines_with_one_fault_are_named_together(db, tmp_path):
    faults = [b"{", b"{", b"[]", b"[]", b"[]", row(1), b"[]", b"", row(2), b"[]", b"[]", b"[]"]
    said, sentence = failing("import_tasks", line_file(tmp_path, *faults))
    assert said.splitlines() == [
        "line 1: JSON decode error: Expecting property name enclosed in double quotes",
        "line 2: the same",
        "line 3: Input should be an object",
        "lines 4 to 5: the same",
        "line 7: Input should be an object",
        "line 10: Input should be an object",
        "lines 11 to 12: the same",
        "2 created, 0 updated, 0 skipped.",
    ]
    assert sentence == "Left out 9 bad lines."


def test_fault_of_all_lines_is_named_once(db, tmp_path):
    nobodys = {name: value for name, value in json.loads(dumps(row())).items() if name != "user_id"}
    said, sentence = failing("import_tasks", line_file(tmp_path, *[nobodys] * 150))
    assert said == (
        "line 1: user_id: Field required; --user-id ID gives all tasks to one user\nlines 2 to 100: the same\n"
    )
    assert sentence == "Stopped at 100 bad lines. 0 created, 0 updated, 0 skipped."


def test_conflicts_of_lines_in_a_row_are_named_together(db, tmp_path):
    loading.insert([row(3), row(2), row(1), row(5)])
    said, _ = failing("import_tasks", line_file(tmp_path, *map(row, [2, 3, 1, 4, 5])), "--on-conflict=error")
    assert said.splitlines() == [
        "line 1: A task with this id exists already",
        "lines 2 to 3: the same",
        "line 5: A task with this id exists already",
        "1 created, 0 updated, 0 skipped.",
    ]


def test_failing_batch_leaves_the_batches_before_it(db, tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "ATTEMPTS", 1)
    # The import takes this title and the database refuses it, as a constraint of a later version could.
    monkeypatch.setattr("tasks.interchange.serializers.TITLE_MAX_LENGTH", TITLE_MAX_LENGTH + 1)
    too_long = row(3, title="x" * (TITLE_MAX_LENGTH + 1))
    with pytest.raises(CommandError, match=r"^The database refused: "):
        run("import_tasks", line_file(tmp_path, row(1), row(2), too_long), "--batch-size=1")
    assert rows() == [row(1), row(2)]


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
@pytest.mark.parametrize("name", ["tasks.jsonl.gz", "TASKS.JSONL.GZ", "tasks.jsonl"])
def test_gzip_is_unpacked_whatever_the_suffix(db, tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(dumps(row())))
    run("import_tasks", tmp_path / name)
    assert rows() == [row()]


def test_quote_that_is_not_closed_says_which_lines_it_takes(db, tmp_path):
    file = line_file(tmp_path, b"id,user_id,title", b'1,a,"b', b"2,a,b", b"3,a,b", name="tasks.csv")
    said, _ = failing("import_tasks", file)
    assert said.startswith("line 2: CSV: unexpected end of data; it takes the lines up to 4 with it\n")


PACKED = gzip.compress(b"{}\n" * 1000, mtime=0)


@pytest.mark.parametrize("packed", [PACKED[:9], PACKED[:-20], PACKED[:-8] + bytes(8)])
def test_damaged_gzip_ends_in_one_sentence(db, tmp_path, packed):
    file = tmp_path / "tasks.jsonl.gz"
    file.write_bytes(packed)
    _, sentence = failing("import_tasks", file, "--max-errors=10000")
    assert sentence == f"{file} is packed by gzip, and damaged or cut short. 0 created, 0 updated, 0 skipped."


def test_file_that_is_not_text_is_one_sentence_and_writes_nothing(db, tmp_path):
    file = line_file(tmp_path, *map(row, range(1, 200)), dumps(row(200, title="Größe")).decode().encode("cp1252"))
    said, sentence = failing("import_tasks", file)
    assert (said, rows()) == ("", [])
    assert sentence == (
        "The file is not UTF-8 (line 200 has the byte 0xF6), but in an older charset such as Windows-1252: save it as "
        'UTF-8 and import it again; Excel calls that type "CSV UTF-8". 0 created, 0 updated, 0 skipped.'
    )


@pytest.mark.parametrize("first", [b"1;2", b'"', b""])
def test_csv_without_a_header_ends_in_one_sentence(db, tmp_path, first):
    _, sentence = failing("import_tasks", line_file(tmp_path, first, name="tasks.csv"))
    assert sentence.startswith("The first line must name the columns, separated by commas: id,user_id,title,")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: file\n"),
        (["none.jsonl"], "none.jsonl: No such file or directory\n"),
        (["/dev/null"], "/dev/null: add --format; neither the suffix nor the content names it.\n"),
        (["tasks.csv", "--batch-size", "20001"], "argument --batch-size: must be 20000 at the most\n"),
        (
            ["tasks.csv", "--max-errors", "none"],
            "argument --max-errors: must be a whole number from 1 on, not 'none'\n",
        ),
    ],
)
def test_wrong_argument_ends_in_one_sentence(capsys, arguments, sentence):
    assert refusal(capsys, "import_tasks", *arguments) == (1, sentence)


@pytest.mark.one_server
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time")
def test_task_that_another_import_writes_meanwhile_is_skipped(transactional_db, tmp_path):
    with psycopg.connect(live_url(tmp_path)) as other, psycopg.connect(live_url(tmp_path), autocommit=True) as watch:
        columns = ", ".join(FIELDS)
        other.execute(f"INSERT INTO tasks_task ({columns}) VALUES ({', '.join(['%s'] * 7)})", list(row(1).values()))
        committing = threading.Thread(target=commit_once_waited_for, args=[other, watch])
        committing.start()
        _, said = run("import_tasks", line_file(tmp_path, row(1), row(2)))
        committing.join()
    assert said == "1 created, 0 updated, 1 skipped.\n"
    assert rows() == [row(1), row(2)]


def commit_once_waited_for(other, watch):
    while not watch.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
        time.sleep(0.01)
    other.commit()
