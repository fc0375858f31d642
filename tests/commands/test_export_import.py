"""Export and import together: the same bytes come back, in bounded memory, in whole batches."""

import random
import signal
import tracemalloc
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from tasks.models import Task
from tests.support.commands import NEW_YEAR, line_file, live_url, read_up_to, row, run, start
from tests.support.pgbouncer import NOT_INSTALLED, PROGRAM, PgBouncer
from todo_project.api.renderers import dumps

AMOUNT = 100_000 if connection.vendor == "postgresql" else 20_000
# The CSV test takes the same text, in another format.
AMOUNT_AS_CSV = 20_000
PIECES = [
    *"\n\r\"'=+-@\t,;\\ \x01\x0b\x1c\x7f\x85\u2028\ufeffé😀＝0a",
    "\r\n", "\U0010ffff", "\\N", "\\.", "''", "word ", "e\u0301",
]  # fmt: skip
OWNERS = ["alice", "=1+1", "'x", "-u", "日本", "a b", 'q"q', " lead", "'", "@\u2028"]


def nasty_task(random_):
    text = "".join(random_.choices(PIECES, k=random_.randint(1, 20)))
    time = NEW_YEAR + timedelta(seconds=random_.randint(0, 10**8), microseconds=random_.choice([0, 0, 1, 999_999]))
    return {
        "id": uuid.UUID(int=random_.getrandbits(128)),
        "user_id": random_.choice(OWNERS),
        "title": text.strip() or "x",
        "description": random_.choice([None, "", text, text[::-1]]),
        "is_completed": random_.random() < 0.5,
        "created_at": time,
        "updated_at": time + timedelta(microseconds=random_.choice([0, 1, 10**6])),
    }


def nasty_file(tmp_path, amount):
    random_ = random.Random(5)
    return line_file(tmp_path, *sorted((nasty_task(random_) for _ in range(amount)), key=lambda task: task["id"].int))


def test_tasks_of_any_text_come_back_byte_for_byte(db, tmp_path):
    original = nasty_file(tmp_path, AMOUNT)
    assert run("import_tasks", original)[1] == f"{AMOUNT:,} created, 0 updated, 0 skipped.\n"
    run("export_tasks", "-o", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == original.read_bytes()


def test_tasks_of_any_text_come_back_through_csv(db, tmp_path):
    original = nasty_file(tmp_path, AMOUNT_AS_CSV)
    run("import_tasks", original)
    run("export_tasks", "-o", tmp_path / "tasks.csv")
    Task.objects.all().delete()
    assert run("import_tasks", tmp_path / "tasks.csv")[1] == f"{AMOUNT_AS_CSV:,} created, 0 updated, 0 skipped.\n"
    run("export_tasks", "-o", tmp_path / "again.csv")
    run("export_tasks", "-o", tmp_path / "again.jsonl")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "tasks.csv").read_bytes()
    assert (tmp_path / "again.jsonl").read_bytes() == original.read_bytes()


def peak_memory(name, *arguments):
    tracemalloc.start()
    try:
        run(name, *arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_amount(db, tmp_path, format):
    peaks = {"import": [], "export": []}
    for amount in (500, 3_000):
        file = line_file(tmp_path, *map(row, range(amount, 2 * amount)))
        run("import_tasks", file)
        peaks["export"].append(peak_memory("export_tasks", "--batch-size=250", "-o", tmp_path / f"tasks.{format}"))
        Task.objects.all().delete()
        peaks["import"].append(peak_memory("import_tasks", "--batch-size=250", tmp_path / f"tasks.{format}"))
        Task.objects.all().delete()
    for few, many in peaks.values():
        assert many < few + 300_000, peaks


@pytest.mark.one_server
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL")
@pytest.mark.skipif(PROGRAM is None, reason=NOT_INSTALLED)
def test_commands_work_through_a_pooler_of_transactions(transactional_db, tmp_path):
    direct = live_url(tmp_path)
    port = str(connection.settings_dict["PORT"])
    file = line_file(tmp_path, *map(row, range(1, 31)))
    later = {"title": "Changed", "updated_at": NEW_YEAR + timedelta(days=1)}
    changed = line_file(tmp_path, *(row(number, **later) for number in range(1, 31)), name="changed.jsonl")
    with PgBouncer(port) as pgbouncer:
        pooled = direct.replace(f":{port}/", f":{pgbouncer.port}/")
        for arguments in (["import_tasks", file], ["import_tasks", changed, "--on-conflict=update"], ["export_tasks"]):
            process = start(pooled, *arguments, "--batch-size=10")
            out, said = process.communicate(timeout=60)
            assert process.returncode == 0, said
    assert out == changed.read_bytes()


def test_interruption_leaves_whole_batches(transactional_db, tmp_path):
    url = live_url(tmp_path)
    with start(url, "import_tasks", "-", "--format=jsonl", "--batch-size=10", "-v2") as process:
        process.stdin.write(b"".join(dumps(row(number)) + b"\n" for number in range(1, 26)))
        process.stdin.flush()
        read_up_to(process.stderr, b"20 created")
        process.send_signal(signal.SIGINT)
        last = process.stderr.read().decode()
    expected = "Interrupted: 20 created, 0 updated, 0 skipped. The same command goes on from there.\n"
    assert (process.returncode, last) == (130, expected)
    with start(url, "export_tasks") as process:
        assert process.stdout.read() == b"".join(dumps(row(number)) + b"\n" for number in range(1, 21))
