import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tasks import statistics
from tasks.bulk import samples
from tasks.bulk.loading import insert
from tasks.bulk.seeds import seeded_rows
from tasks.identifiers import uuid8_at
from tests.conftest import OWNER, STRANGER
from tests.support import citus
from tests.support.commands import NEW_YEAR, live_url, refusal, row, run, start


def exact(count):
    return {"count": count, "exact": True}


def found(*arguments):
    return json.loads(run("task_stats", "--format=json", *arguments)[0])


@pytest.mark.parametrize(
    "failure",
    [
        OperationalError("sending query failed: another command is already in progress"),
        RuntimeError("cannot release un-acquired lock"),
        BrokenPipeError(),
    ],
)
def test_interruption_is_reported_as_one_whatever_fails_after_it(capsys, monkeypatch, failure):
    def handle(*args, **options):
        try:
            raise KeyboardInterrupt
        finally:
            raise failure

    monkeypatch.setattr("tasks.management.commands.task_stats.Command.handle", handle)
    assert refusal(capsys, "task_stats") == (130, "Interrupted: nothing was done.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_full_disk_ends_in_one_sentence(transactional_db, tmp_path):
    with open("/dev/full", "wb") as full, start(live_url(tmp_path), "task_stats", stdout=full) as process:
        assert process.stderr.read() == b"No space left on device\n"
    assert process.returncode == 1


@pytest.fixture
def few(db):
    tomorrow = NEW_YEAR + timedelta(days=1)
    insert([row(1), row(2, is_completed=True), row(3, STRANGER, created_at=tomorrow), row(4)])


def test_small_table_is_counted(few):
    assert found() == {
        "tasks": exact(4),
        "users": exact(2),
        "completed": exact(1),
        "open": exact(3),
        "days": {"2026-01-02": exact(1), "2026-01-01": exact(3)},
        "largest_owners": {OWNER: exact(3), STRANGER: exact(1)},
        "notes": [],
    }


def test_table_is_for_people(few):
    assert run("task_stats") == (
        "  tasks                   4\n"
        "  completed               1\n"
        "  open                    3\n"
        "  users                   2\n"
        "\n"
        "Made on\n"
        "  2026-01-02               1\n"
        "  2026-01-01               3\n"
        "\n"
        "Largest owners\n"
        "  owner                  3\n"
        "  stranger               1\n",
        "",
    )


def test_day_to_come_hides_none_that_was(few):
    insert([row(5, created_at=NEW_YEAR.replace(year=9999)), row(6, created_at=timezone.now())])
    assert found()["days"] == {str(timezone.now().date()): exact(1)}


def test_empty_table_is_counted(db):
    nothing = {name: exact(0) for name in ("tasks", "users", "completed", "open")}
    assert found() == nothing | {"days": {}, "largest_owners": {}, "notes": []}


def test_top_owners_are_the_largest(db):
    insert([row(number, f"user-{number % 3}") for number in range(1, 9)])
    assert found("--top=2")["largest_owners"] == {"user-1": exact(3), "user-2": exact(3)}


def test_days_are_the_two_weeks_up_to_the_newest_task(db):
    insert([row(number, created_at=NEW_YEAR + timedelta(days=number)) for number in range(20) if number != 10])
    assert list(found()["days"]) == [f"2026-01-{day:02}" for day in range(20, 6, -1) if day != 11]


@pytest.fixture
def many(db, monkeypatch):
    """A table that a lower bound makes big, with the statistics that PostgreSQL otherwise gathers by itself."""
    monkeypatch.setattr(statistics, "EXACT_UP_TO", 1_000)
    # Otherwise SQLite reads each of so few tasks five times.
    monkeypatch.setattr(samples, "SIZE", 21_000)
    insert(list(seeded_rows(seed=1, tasks=20_000, users=50)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")


def near(tally, count):
    return not tally["exact"] and tally["count"] == pytest.approx(count, rel=0.15)


def test_big_table_is_estimated_and_says_so(many, monkeypatch):
    counted = statistics.counted_survey(3)
    monkeypatch.setattr(samples, "SIZE", 8_000)
    estimated = found("--top=3")
    if connection.vendor == "postgresql":
        assert near(estimated["tasks"], 20_000)
        # Citus asks its shards over other connections, which do not see what this test has not committed.
        assert near(estimated["users"], 50) or citus.IS_USED
    else:
        assert estimated["tasks"] == exact(20_000)
        assert estimated["users"] == {"count": None, "exact": False}
    assert near(estimated["completed"], counted.completed.count)
    assert near(estimated["open"], counted.open.count)
    assert estimated["days"] == {day: exact(tally.count) for day, tally in counted.days.items()}
    assert estimated["largest_owners"] == {name: exact(tally.count) for name, tally in counted.largest_owners.items()}
    assert "~ is an estimate, from a sample of" in estimated["notes"][0]


def test_days_are_estimated_where_ids_name_no_time(many):
    insert([row(number, created_at=NEW_YEAR) for number in range(1, 1001)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")
    assert near(found()["days"]["2026-01-01"], 1_000)
    assert "~1,0" in run("task_stats")[0]


def test_last_id_that_names_no_day_hides_none(many):
    days = found()["days"]
    assert len(days) > 7
    for task_id in ("ffffffff-ffff-7fff-bfff-ffffffffffff", "ffffffff-ffff-8fff-bfff-ffffffffffff"):
        insert([row(1, id=uuid.UUID(task_id))])
        assert found()["days"] == days


def test_first_days_of_all_have_none_before_them(db):
    insert([row(1, created_at=NEW_YEAR.replace(year=1))])
    assert found()["days"] == {"0001-01-01": exact(1)}


def test_big_table_may_turn_out_to_be_empty(db, monkeypatch):
    monkeypatch.setattr(statistics, "EXACT_UP_TO", -1)
    assert found()["days"] == found()["largest_owners"] == {}


def test_sample_reads_a_bounded_part(many, monkeypatch):
    # PostgreSQL samples whole pages, and what was in the table before decides which ones. A month has 17 pages:
    # a sample of three fifths always has some of them.
    monkeypatch.setattr(samples, "SIZE", 12_000)
    sample = list(samples.sample_of(20_000))
    assert 9_000 < len(sample) < 15_000
    assert len({task.day[:7] for task in sample}) == 12


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--top", "0"], "argument --top: must be a whole number from 1 on, not '0'\n"),
        (["--format", "xml"], "argument --format: invalid choice: 'xml' (choose from 'table', 'json')\n"),
    ],
)
def test_wrong_argument_ends_in_one_sentence(capsys, arguments, sentence):
    assert refusal(capsys, "task_stats", *arguments) == (1, sentence)


def test_days_are_read_from_ids_of_an_import():
    assert statistics.day_of(uuid8_at(NEW_YEAR, 5)) == "2026-01-01"
