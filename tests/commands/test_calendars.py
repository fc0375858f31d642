"""VTODOs as calendar programs write them, and our own. Each file here is made up."""

import json
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core.management.base import CommandError

from tasks.bulk.loading import insert
from tasks.identifiers import moment_of, uuid7_at
from tasks.interchange.foreign import calendars
from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.commands import NEW_YEAR, failing, row, rows, run

pytestmark = pytest.mark.run_once("sqlite")

NEXTCLOUD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Nextcloud Tasks v0.16.1
X-WR-CALNAME:Home
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VTODO
UID:5f2b6c1e-0000-4000-8000-00000000000a
CREATED:20260202T100000Z
LAST-MODIFIED:20260203T100000Z
DTSTAMP:20260203T100000Z
SUMMARY:Milch\\, Brot und ein sehr langer Titel\\; damit die Zeile gefaltet wird,
  weiter
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Not the task's
TRIGGER:-PT15M
END:VALARM
DESCRIPTION:Zeile 1\\nZeile 2 \\\\n
DUE;TZID=Europe/Berlin:20260401T120000
DTSTART;VALUE=DATE:20260330
PRIORITY:1
PERCENT-COMPLETE:40
STATUS:IN-PROCESS
CATEGORIES:home,a\\,b
RRULE:FREQ=WEEKLY
ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=list.pdf:AAAA
 BBBB
END:VTODO
BEGIN:VTODO
UID:no-uuid@example.org
CREATED:20260101T100000Z
SUMMARY:Child
RELATED-TO:5f2b6c1e-0000-4000-8000-00000000000a
STATUS:COMPLETED
COMPLETED:20260102T100000Z
END:VTODO
BEGIN:VEVENT
UID:event
SUMMARY:Not a task
BEGIN:VALARM
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
BEGIN:VCALENDAR
BEGIN:VTODO
SUMMARY:In a second calendar\\, without a UID
END:VTODO
END:VCALENDAR
"""


def calendar(*todos):
    wrapped = [f"BEGIN:VTODO\n{todo}\nEND:VTODO\n" for todo in todos]
    return "BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(wrapped) + "END:VCALENDAR\n"


def move_in(folder, content, *arguments, name="tasks.ics"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.replace("\n", "\r\n").encode())
    return run("import_tasks", folder / name, "--user-id", OWNER, *arguments)


def tasks():
    names = ("title", "description", "is_completed", "created_at", "updated_at")
    return list(Task.objects.for_user(OWNER).values_list(*names))


def at(*numbers):
    return datetime(*numbers, tzinfo=UTC)


LONG_TITLE = "Milch, Brot und ein sehr langer Titel; damit die Zeile gefaltet wird, weiter"


def test_calendars_of_a_file(db, tmp_path):
    _, said = move_in(tmp_path, NEXTCLOUD)
    assert said == (
        "3 created, 0 updated, 0 skipped.\n"
        "Not imported: 2 labels, 1 due date, 1 start date, 1 repetition, 1 attachment, 1 status, 1 progress, "
        "1 priority, 1 reminder, 1 completion time, 1 subtask (now a task of its own), 1 event. "
        "With --notes append, descriptions end with what a task had.\n"
    )
    timeless, child, parent = tasks()
    assert timeless[:3] == ("In a second calendar, without a UID", None, False)
    assert child == ("Child", None, True, at(2026, 1, 1, 10), at(2026, 1, 1, 10))
    assert parent == (LONG_TITLE, "Zeile 1\nZeile 2 \\n", False, at(2026, 2, 2, 10), at(2026, 2, 3, 10))


def test_notes_of_a_calendar(db, tmp_path):
    move_in(tmp_path, NEXTCLOUD, "--notes=append")
    _, child, parent = tasks()
    assert child[1] == f"Completion time: 2026-01-02 10:00 UTC\nSubtask of: {LONG_TITLE}"
    assert parent[1] == (
        "Zeile 1\nZeile 2 \\n\n\nDue date: 2026-04-01 12:00 Europe/Berlin\nStart date: 2026-03-30\n"
        "Repetition: FREQ=WEEKLY\nAttachment: list.pdf\nLabels: home, a,b\nStatus: in progress\nProgress: 40%\n"
        "Priority: 1 (1 is the highest)\nReminder: yes"
    )


def test_second_import_changes_nothing(db, tmp_path):
    move_in(tmp_path, NEXTCLOUD)
    before = rows()
    _, said = move_in(tmp_path, NEXTCLOUD, "--on-conflict=update")
    assert said.startswith("0 created, 0 updated, 3 skipped.\n")
    assert rows() == before


@pytest.mark.parametrize("name", ["export", "tasks.ics.txt"])
def test_content_tells_a_calendar(db, tmp_path, name):
    assert move_in(tmp_path, NEXTCLOUD, name=name)[1].startswith("3 created")


@pytest.mark.parametrize("content", [NEXTCLOUD.encode(), NEXTCLOUD.encode("utf-16")])
def test_line_ends_and_encodings(db, tmp_path, content):
    assert move_in(tmp_path, content)[1].startswith("3 created")


def test_character_that_is_folded_in_its_middle(db, tmp_path):
    head, tail = b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:", b"\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    move_in(tmp_path, head + "ü".encode()[:1] + b"\r\n " + "ü".encode()[1:] + tail)
    assert [task[0] for task in tasks()] == ["ü"]


@pytest.mark.parametrize(
    ("properties", "is_completed"),
    [
        ("STATUS:COMPLETED", True),
        ("status:completed", True),
        ("PERCENT-COMPLETE:100", True),
        ("COMPLETED:20260101T000000Z", True),
        ("STATUS:CANCELLED", True),
        ("PERCENT-COMPLETE:99", False),
        ("PERCENT-COMPLETE:many", False),
        ("STATUS:NEEDS-ACTION\nCOMPLETED:20260101T000000Z", False),
        ("STATUS:IN-PROCESS", False),
    ],
)
def test_states(db, tmp_path, properties, is_completed):
    move_in(tmp_path, calendar(f"UID:1\nSUMMARY:a\n{properties}"))
    assert [task[2] for task in tasks()] == [is_completed]


@pytest.mark.parametrize(
    ("todos", "titles"),
    [
        (["UID:1\nSUMMARY:a", "UID:1\nSUMMARY:a"], ["a"]),
        (["UID:1\nSUMMARY:a", "UID:1\nSUMMARY:b"], ["a", "b"]),
        (["UID:1\nSUMMARY:a", "UID:1\nRECURRENCE-ID:20260101T000000Z\nSUMMARY:a"], ["a", "a"]),
        (["SUMMARY:a", "SUMMARY:a", "UID:\nSUMMARY:a"], ["a", "a", "a"]),
    ],
)
def test_uids_that_are_twice_or_missing(db, tmp_path, todos, titles):
    for _ in range(2):
        move_in(tmp_path, calendar(*todos))
        assert [task[0] for task in tasks()] == titles


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        ("CREATED:20260101T120000", at(2026, 1, 1, 12)),
        ("CREATED;TZID=Europe/Berlin:20260101T120000", at(2026, 1, 1, 11)),
        ("CREATED;TZID=Nowhere:20260101T120000", at(2026, 1, 1, 12)),
        ("CREATED;TZID=Europe:20260101T120000", at(2026, 1, 1, 12)),
        ("CREATED;TZID=" + "a" * 5000 + ":20260101T120000", at(2026, 1, 1, 12)),
        ("CREATED;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260101T120000", at(2026, 1, 1, 11)),
        ("CREATED;VALUE=DATE:20260101", at(2026, 1, 1)),
        ("CREATED:garbage\nLAST-MODIFIED:20260105T000000Z", at(2026, 1, 5)),
        ("CREATED:00010101T000000Z\nLAST-MODIFIED:20260105T000000Z", at(2026, 1, 5)),
    ],
)
def test_creation_times(db, tmp_path, created, moment):
    move_in(tmp_path, calendar(f"UID:1\nSUMMARY:a\n{created}"))
    assert [task[3] for task in tasks()] == [moment]


def test_bad_property_ends_no_task(db, tmp_path):
    _, said = move_in(tmp_path, calendar("UID:1\nSUMMARY:a\nNO COLON\nDUE:soon\nRRULE:FREQ=;;COUNT=-1\nDTSTART:"))
    assert said.startswith("1 created, 0 updated, 0 skipped.\nNot imported: ")
    assert "1 unreadable line" in said


def test_bad_bytes_in_a_note_end_no_task(db, tmp_path):
    content = calendar("UID:1\nSUMMARY:é\nLOCATION:a~b\0c").encode().replace(b"~", b"\xff")
    move_in(tmp_path, content, "--notes=append")
    assert [task[1] for task in tasks()] == ["Location: a\ufffdb\ufffdc"]


def test_vtodo_that_is_cut_short_is_a_bad_one(db, tmp_path):
    (tmp_path / "tasks.ics").write_text(calendar("UID:1\nSUMMARY:a") + "BEGIN:VTODO\nUID:2\nSUMMARY:b\n")
    said, sentence = failing("import_tasks", tmp_path / "tasks.ics", "--user-id", OWNER)
    assert said == "line 8: The task has no END:VTODO\n1 created, 0 updated, 0 skipped.\n"
    assert sentence == "Left out 1 bad line."


@pytest.mark.parametrize("content", ["BEGIN:VCARD\nEND:VCARD\n", "", "{}"])
def test_what_is_not_a_calendar_ends_in_one_sentence(db, tmp_path, content):
    (tmp_path / "tasks.ics").write_text(content)
    _, sentence = failing("import_tasks", tmp_path / "tasks.ics", "--user-id", OWNER)
    assert sentence.startswith("The file is not a calendar: it has no BEGIN:VCALENDAR. 0 created")


def test_calendar_without_owners_needs_one(db, tmp_path):
    (tmp_path / "tasks.ics").write_text(NEXTCLOUD)
    _, sentence = failing("import_tasks", tmp_path / "tasks.ics")
    assert sentence == "The file names no owner of its tasks: add --user-id ID. 0 created, 0 updated, 0 skipped."


@pytest.mark.parametrize(
    "inside",
    [
        "BEGIN:X\n" * 100_000,
        "X-" + "A" * 1_000_000 + ":b",
        "DESCRIPTION:" + "x" * 1_000_000,
        "DESCRIPTION:" + "x\n " * 300_000,
        "RRULE:FREQ=SECONDLY;BYSECOND=" + ",".join(map(str, range(60))) * 1000,
        "RDATE:" + "20260101T000000Z," * 50_000,
        "CATEGORIES:" + "a," * 50_000,
        "ATTACH;ENCODING=BASE64:" + "A" * 1_000_000,
        "DUE;TZID=" + "../" * 1000 + "etc/passwd:20260101T000000",
        "COMMENT:a\n" * 20_000,
    ],
)
def test_hostile_vtodo_is_bounded(db, tmp_path, inside):
    (tmp_path / "tasks.ics").write_text(calendar(f"UID:1\nSUMMARY:a\n{inside}", "UID:2\nSUMMARY:b"))
    with suppress(CommandError):
        run("import_tasks", tmp_path / "tasks.ics", "--user-id", OWNER, "--notes=append")
    assert "b" in [task[0] for task in tasks()]


def test_vtodo_of_too_many_properties_is_a_bad_one(db, tmp_path):
    (tmp_path / "tasks.ics").write_text(calendar("UID:1\nSUMMARY:a\n" + "COMMENT:a\n" * 1000))
    said, _ = failing("import_tasks", tmp_path / "tasks.ics", "--user-id", OWNER)
    assert said == "line 3: The task has more than 1,000 properties\n0 created, 0 updated, 0 skipped.\n"


@pytest.mark.parametrize(
    ("begin", "again", "times"),
    [
        ("BEGIN:VTODO\n", "X-A:b\n", 20_000),
        ("BEGIN:VTODO\nSUMMARY:a\n", " \n", 50_000),
        ("", "BEGIN:VTODO\nUID:{}" + "c" * 5_000 + "\nSUMMARY:a\nEND:VTODO\n", 450),
    ],
)
def test_memory_is_bounded_whatever_a_vtodo_has(begin, again, times):
    file = BytesIO((begin + "".join(again.format(number) for number in range(times))).encode())
    tracemalloc.start()
    for _ in calendars.read(file):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_memory_does_not_grow_with_the_calendar(db, tmp_path):
    peaks = []
    for amount in (100, 500):
        insert([row(number) for number in range(amount, 2 * amount)])
        run("export_tasks", "-o", tmp_path / "tasks.ics")
        tracemalloc.start()
        run("export_tasks", "--batch-size=50", "-o", tmp_path / "again.ics")
        run("import_tasks", "--batch-size=50", tmp_path / "tasks.ics")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        Task.objects.all().delete()
    assert peaks[1] < peaks[0] + 400_000, peaks


OWN_ID = uuid7_at(NEW_YEAR.replace(microsecond=123_456), 7)
OWN = [
    row(1, description='a;b,"c"\\\n', is_completed=True),
    row(2, STRANGER, description=""),
    row(3, id=OWN_ID, created_at=moment_of(OWN_ID), updated_at=moment_of(OWN_ID)),
]


def test_own_export_comes_back_with_ids_and_owners(db, tmp_path):
    insert(OWN)
    run("export_tasks", "-o", tmp_path / "tasks.ics")
    again = run("import_tasks", tmp_path / "tasks.ics", "--on-conflict=update")
    assert again == ("", "0 created, 0 updated, 3 skipped.\n")
    Task.objects.all().delete()
    assert run("import_tasks", tmp_path / "tasks.ics") == ("", "3 created, 0 updated, 0 skipped.\n")
    assert rows() == OWN


def test_completed_task_is_a_hundred_percent_done(db, tmp_path):
    insert(OWN)
    run("export_tasks", "-o", tmp_path / "tasks.ics")
    states = [line for line in (tmp_path / "tasks.ics").read_text().splitlines() if line[:6] in ("STATUS", "PERCEN")]
    assert states == ["STATUS:COMPLETED", "PERCENT-COMPLETE:100", "STATUS:NEEDS-ACTION", "STATUS:NEEDS-ACTION"]


def test_empty_calendar_is_told_and_not_written(db, tmp_path):
    (tmp_path / "tasks.ics").write_text("before")
    _, sentence = failing("export_tasks", "-o", tmp_path / "tasks.ics")
    assert sentence == "There are no such tasks, and a calendar of none is not valid: nothing was written."
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.ics"]
    assert (tmp_path / "tasks.ics").read_text() == "before"


def test_array_of_tasks_is_read_in_place_of_lines(db, tmp_path, client):
    insert([row(1, description='a"},{[\\'), row(2)])
    answer = client.get(f"/api/{OWNER}/tasks").content
    before = rows()
    for name, content in (("a.json", answer), ("a.jsonl", json.dumps(json.loads(answer), indent=2).encode())):
        Task.objects.all().delete()
        (tmp_path / name).write_bytes(content)
        assert run("import_tasks", tmp_path / name)[1] == "2 created, 0 updated, 0 skipped.\n"
        assert rows() == before
