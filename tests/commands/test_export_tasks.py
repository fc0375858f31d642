import gzip
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management.base import CommandError

from tasks.bulk.loading import insert
from tests.conftest import OWNER, STRANGER
from tests.support.commands import live_url, refusal, row, run, start
from tests.support.service import ROOT, SECRET_KEY

LINE = (
    b'{"id":"00000000-0000-0000-0000-000000000001","user_id":"owner","title":"Task 1","description":null,'
    b'"is_completed":false,"created_at":"2026-01-01T00:01:00Z","updated_at":"2026-01-01T00:01:00Z"}\n'
)


def exported(folder, *arguments, name="tasks.jsonl"):
    run("export_tasks", "-o", folder / name, *arguments)
    return (folder / name).read_bytes()


def titles(folder, *arguments):
    return [line.split(b'"title":"')[1].split(b'"')[0].decode() for line in exported(folder, *arguments).splitlines()]


def test_stdout_has_the_data_and_stderr_the_talk(db, capsysbinary):
    insert([row()])
    assert run("export_tasks") == ("", "Exported 1 task.\n")
    assert capsysbinary.readouterr() == (LINE, b"")


def test_lines_are_the_bytes_of_the_api(db, client, tmp_path):
    insert([row(1, description='é"\n\u2028'), row(2, user_id=STRANGER), row(3)])
    lines = exported(tmp_path, "--user-id", OWNER).splitlines()
    assert b"[" + b",".join(lines) + b"]" == client.get(f"/api/{OWNER}/tasks").content


def test_no_tasks_are_an_empty_file(db, tmp_path):
    assert exported(tmp_path) == b""


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_batches_of_any_size_give_every_task_once(db, tmp_path, size):
    insert([row(number) for number in (4, 2, 1, 3)])
    assert titles(tmp_path, "--batch-size", size) == ["Task 1", "Task 2", "Task 3", "Task 4"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--completed"], ["Task 2"]),
        (["--open"], ["Task 1", "Task 3"]),
        (["--since", "2026-01-01T00:02:00Z"], ["Task 2", "Task 3"]),
        (["--until", "2026-01-01T01:02:00+01:00"], ["Task 1"]),
        (["--since", "2026-01-02"], []),
        (["--since", "1h"], []),
        (["--until", "1h"], ["Task 1", "Task 2", "Task 3"]),
        (["--open", "--since", "2026-01-01T00:02:00Z", "--batch-size", "1"], ["Task 3"]),
        (["--user-id", STRANGER], []),
        (["--since", "0001-01-01"], ["Task 1", "Task 2", "Task 3"]),
        (["--updated-since", "2026-01-01T00:03:00Z"], ["Task 3"]),
        (["--updated-until", "2026-01-01T00:03:00Z"], ["Task 1", "Task 2"]),
        (["-q", "tASK 2"], ["Task 2"]),
        (["--words", "task milk"], []),
    ],
)
def test_filter_picks_tasks(db, tmp_path, arguments, expected):
    insert([row(1), row(2, is_completed=True), row(3)])
    assert titles(tmp_path, *arguments) == expected


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.csv", "tasks.ics"])
def test_suffix_gz_packs_the_same_bytes_each_time(db, tmp_path, name):
    insert([row()])
    packed = exported(tmp_path, name=f"{name}.gz")
    assert gzip.decompress(packed) == exported(tmp_path, name=name)
    assert exported(tmp_path, name=f"{name}.gz") == packed
    # gzip keeps the time in these bytes. With a time, the same export would differ a second later.
    assert packed[4:8] == bytes(4)


def test_format_goes_before_the_suffix(db, tmp_path):
    insert([row()])
    assert exported(tmp_path, "--format", "jsonl", name="tasks.txt") == LINE


def test_file_is_its_owners_alone(db, tmp_path):
    exported(tmp_path)
    assert stat.S_IMODE((tmp_path / "tasks.jsonl").stat().st_mode) == 0o600


def test_failure_leaves_the_former_file_and_no_other(db, tmp_path, monkeypatch):
    (tmp_path / "tasks.jsonl").write_text("before")
    insert([row()])
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CommandError, match=r"tasks.jsonl: No space left on device"):
        exported(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.jsonl"]
    assert (tmp_path / "tasks.jsonl").read_text() == "before"


def fail(descriptor):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "tasks.xlsx"], "The suffix of tasks.xlsx names no format: add --format jsonl, csv or ics.\n"),
        (["--completed", "--open"], "argument --open: not allowed with argument --completed\n"),
        (
            ["--since", "soon"],
            "argument --since: must be a date, an RFC 3339 time or a duration such as 7d, not 'soon'\n",
        ),
        (["--batch-size", "0"], "argument --batch-size: must be a whole number from 1 on, not '0'\n"),
        (["--user-id", "\udcff"], "argument --user-id: A user id is UTF-8 without control characters and slashes\n"),
        (["--user-id", "a/b"], "argument --user-id: A user id is UTF-8 without control characters and slashes\n"),
        (["--words", " "], "argument -q/--words: String should have at least 1 character\n"),
        (["--words", "w " * 21], "argument -q/--words: Text should have at most 20 words\n"),
        (["--format", "xml"], "argument --format: invalid choice: 'xml' (choose from 'jsonl', 'csv', 'ics')\n"),
        (["all"], "unrecognized arguments: all\n"),
    ],
)
def test_wrong_argument_ends_in_one_sentence(capsys, arguments, sentence):
    assert refusal(capsys, "export_tasks", *arguments) == (1, sentence)


def test_missing_folder_ends_in_one_sentence(db, tmp_path):
    with pytest.raises(CommandError, match=r"none/tasks.jsonl: No such file or directory$"):
        exported(tmp_path / "none")


def test_reader_who_has_enough_ends_it_quietly(transactional_db, tmp_path):
    insert([row(number) for number in range(1, 2001)])
    with start(live_url(tmp_path), "export_tasks", "--batch-size", "7") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_leaves_no_file(transactional_db, tmp_path, number, code):
    insert([row(number) for number in range(1, 2001)])
    output = tmp_path / "tasks.jsonl"
    with start(live_url(tmp_path), "export_tasks", "-v2", "--batch-size", "1", "-o", output) as process:
        process.stderr.readline()
        process.send_signal(number)
        assert process.stderr.read().decode().splitlines()[-1] == f"Interrupted: {output} was not written."
    assert process.returncode == code
    assert [path.name for path in tmp_path.iterdir() if "tasks" in path.name] == []


def test_pipe_with_a_name_is_packed_by_its_suffix_too(db, tmp_path):
    insert([row()])
    pipe = tmp_path / "tasks.jsonl.gz"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        run("export_tasks", "-o", pipe)
        assert gzip.decompress(read.result(timeout=60)) == LINE


def test_closed_stdout_is_no_traceback(transactional_db, tmp_path):
    shell = f'exec "{sys.executable}" manage.py export_tasks >&- <&-'
    environment = os.environ | {"DATABASE_URL": live_url(tmp_path), "SECRET_KEY": SECRET_KEY}
    done = subprocess.run(["sh", "-c", shell], cwd=ROOT, env=environment, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"Exported 0 tasks.\n")
