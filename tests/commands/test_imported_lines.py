import json
from datetime import UTC, datetime

import pytest

from tasks.interchange.times import parse_time
from tests.support.commands import failing, line_file, row, rows, run
from todo_project.api.renderers import dumps

pytestmark = pytest.mark.run_once("sqlite")

MEMBERS = json.loads(dumps(row()))
HEADER = b"id,user_id,title,description\r"
GOOD = b'00000000000000000000000000000001,owner,"a\nb",\r'


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "  "}, "title: String should have at least 1 character"),
        ({"title": "x" * 501}, "title: String should have at most 500 characters"),
        ({"title": 5}, "title: Input should be a valid string"),
        ({"title": "\0"}, "title: Null characters are not allowed."),
        ({"description": "😀" * 5001}, "description: String should have at most 5000 characters"),
        ({"is_completed": 1}, "is_completed: Input should be a valid boolean"),
        ({"id": "1"}, "id: Input should be a valid UUID"),
        ({"user_id": "a/b"}, "user_id: A user id may hold neither control characters nor a slash."),
        ({"user_id": ""}, "user_id: String should have at least 1 character"),
        ({"user_id": "x" * 256}, "user_id: String should have at most 255 characters"),
        (
            {"created_at": "31.01.2026 12:00"},
            "created_at: Input should be an RFC 3339 time such as 2026-01-31T12:00:00.5Z",
        ),
        (
            {"created_at": "2026-02-30t12:00:00.123456789z"},
            "created_at: Input should be an RFC 3339 time such as 2026-01-31T12:00:00.5Z",
        ),
        (
            {"id": "", "title": None},
            "title: Input should be a valid string; id: String should have at least 1 character",
        ),
    ],
)
def test_bad_member_is_named_and_the_other_lines_are_imported(db, tmp_path, changes, reason):
    file = line_file(tmp_path, row(2), MEMBERS | changes, row(3))
    said, sentence = failing("import_tasks", file)
    assert said == f"line 2: {reason}\n2 created, 0 updated, 0 skipped.\n"
    assert sentence == "Left out 1 bad line."
    assert rows() == [row(2), row(3)]


@pytest.mark.parametrize(
    "spelled",
    [
        "2026-01-31T12:00:00.5Z",
        "2026-01-31t12:00:00.500000z",
        "2026-01-31T13:30:00.500000999+01:30",
        "2026-01-31 12:00:00.500000",  # pandas without a time zone, SQLite, MySQL
        "2026-01-31 12:00:00.500000+00:00",  # pandas, Python
        "2026-01-31 13:30:00.5+01:30",  # psql
        "2026-01-31 11:00:00.5-01",
        "2026-01-31 14:00:00.5 +0200",  # Ruby, git
        "2026-01-31 12:00:00.5 UTC",
        "2026-01-31 12:00:00.5 +0000 UTC",  # Go
        "2026-01-31 12:20:00.5+00:20:00",
        "2026-01-31T12:00:00,5",
        " 2026-01-31 12:00:00.5 ",
        1769860800500,  # pandas in JSON, JavaScript
        1769860800500000,
        1769860800500000999,
        "1769860800500",
    ],
)
def test_times_are_read_as_programs_write_them(db, tmp_path, spelled):
    run("import_tasks", line_file(tmp_path, MEMBERS | {"created_at": spelled}))
    assert rows() == [row(created_at=datetime(2026, 1, 31, 12, 0, 0, 500_000, UTC))]


@pytest.mark.parametrize(
    ("spelled", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),  # pandas, where each time of the column is a midnight
        (1769860800, datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00+01", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31 23:59:60.25", datetime(2017, 1, 1, 0, 0, 0, 250_000, UTC)),
        ("2017-01-01T05:29:60+05:30", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_and_leap_seconds_are_read(db, tmp_path, spelled, moment):
    run("import_tasks", line_file(tmp_path, MEMBERS | {"created_at": spelled}))
    assert rows() == [row(created_at=moment)]


@pytest.mark.parametrize(
    "spelled",
    [
        *["01/02/2026 12:00", "2026-1-31 12:00:00", "2026-01-31 24:00:00", "2026-01-31 12:60:00", "2026-01-31T", ""],
        *["2026-01-31 12:00:60", "2026-01-31 23:59:61", "9999-12-31T23:59:60Z", "2026-02-30", "0001-01-01 00:00+23"],
        *[
            "20260131",
            "17698608001",
            "-1769860800",
            "²²²²²²²²²²",
            "infinity",
            "0044-03-15 12:00:00 BC",
            "２026-01-31",
            "2026-01-31 12:00:00 CET",
        ],
    ],
)
def test_other_times_are_refused(spelled):
    assert parse_time(spelled) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "JSON decode error: Expecting property name enclosed in double quotes"),
        (b"[]", "Input should be an object"),
        (b'{"a": NaN}', "JSON decode error: NaN is not JSON"),
        ('{"é": "'.encode() + b'\xff"}', "JSON decode error: the body is not UTF-8"),
        (b"[" * 100_000, "JSON decode error: the body is nested too deeply"),
        (b'"' + b"x" * 400_000, "The line is longer than 131072 bytes"),
        (dumps(MEMBERS).replace(b"Task 1", b"\\ud800"), "title: Surrogate characters are not allowed: U+D800."),
    ],
)
def test_bad_line_is_named_and_the_next_is_read(db, tmp_path, line, reason):
    said, _ = failing("import_tasks", line_file(tmp_path, b"", line, row(2)))
    assert said == f"line 2: {reason}\n1 created, 0 updated, 0 skipped.\n"
    assert rows() == [row(2)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,owner", "CSV: 2 cells, where the first line names 4"),
        (b'1,owner,"a"b,', "CSV: ',' expected after '\"'"),
        (
            "00000000000000000000000000000002,é,".encode() + b"\xff,",
            "title: Surrogate characters are not allowed: U+DCFF.",
        ),
        (b",owner,,", "title: String should have at least 1 character; id: Field required"),
    ],
)
def test_bad_csv_line_is_named_and_the_next_is_read(db, tmp_path, line, reason):
    # The record before it takes two lines.
    file = line_file(tmp_path, HEADER, GOOD, line, GOOD.replace(b"1,", b"3,"), name="tasks.csv")
    said, _ = failing("import_tasks", file)
    assert said == f"line 4: {reason}\n2 created, 0 updated, 0 skipped.\n"
    assert [(task["id"].int, task["title"], task["description"]) for task in rows()] == [
        (1, "a\nb", None),
        (3, "a\nb", None),
    ]


def test_open_quote_does_not_read_the_whole_file_into_memory(db, tmp_path):
    said, _ = failing(
        "import_tasks",
        line_file(tmp_path, HEADER, b'1,owner,"', *[b"x" * 99] * 2000, name="tasks.csv"),
        "--max-errors=1",
    )
    assert said == "line 2: CSV: field larger than field limit (131072); it takes the lines up to 1313 with it\n"


TABLE = "The file holds a table, not JSON Lines: write it as CSV and add --format csv"
SPREAD = "The file's JSON takes several lines for a task: write one line for each, as jq -c . does"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([HEADER, GOOD], TABLE),
        ([b"\xef\xbb\xbfID;Title", b"1;a"], TABLE),
        ([b"sep=,", HEADER], TABLE),
        ([b" id | user_id | title ", b"----+---------+-------"], TABLE),
        ([b"+----+-------+", b"| id | title |"], TABLE),
        ([b"", b"{", b'  "id": "1",', b'  "title": "a"', b"}"] * 50, SPREAD),
    ],
)
def test_other_format_under_the_name_of_json_lines_is_one_sentence(db, tmp_path, lines, sentence):
    said, ended = failing("import_tasks", line_file(tmp_path, *lines))
    assert (said, ended) == ("", f"{sentence}. 0 created, 0 updated, 0 skipped.")


def test_files_put_together_are_read(db, tmp_path):
    run("import_tasks", line_file(tmp_path, b"\xef\xbb\xbf" + dumps(row(1)), b"\xef\xbb\xbf" + dumps(row(2))))
    assert rows() == [row(1), row(2)]
