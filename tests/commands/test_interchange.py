import io
import re
from datetime import UTC

import icalendar
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.interchange import jsonl, serializers, spreadsheet, vtodo
from tasks.interchange.encodings import utf8
from tasks.interchange.serializers import SERIALIZER, imported_row, quickly_valid
from tasks.statements import FIELDS
from tests.support.commands import row
from todo_project.api.problems import Invalid, validated

pytestmark = pytest.mark.run_once("sqlite")

NASTY = st.sampled_from(list("=+-@＝＋－＠'\",;\t\r\n\\ \x0b\x1c\x85\u2028\ufeff😀a0"))
TEXTS = st.text(st.one_of(NASTY, st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=40)
ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=600), st.lists(st.none(), max_size=2))
TIMES = st.datetimes(timezones=st.just(UTC))
FORMULA = re.compile(r"""(^|[,;\t\r\n"])[=+\-@＝＋－＠]""")


ROWS = st.builds(
    lambda title, description, is_completed, time: row(
        title=title, description=description, is_completed=is_completed, created_at=time, updated_at=time
    ),
    TEXTS.map(str.strip).filter(bool),
    st.none() | TEXTS,
    st.booleans(),
    TIMES,
)


@pytest.mark.parametrize("format", [jsonl, spreadsheet])
@given(written=st.lists(ROWS, max_size=5))
def test_what_is_written_reads_back_the_same(format, written):
    file = io.BytesIO(b"".join(format.write([written])))
    assert [imported_row(members) for _, members in format.read(utf8(file))] == written


@pytest.mark.parametrize("format", [jsonl, spreadsheet])
@pytest.mark.parametrize("text", ["a,id,title,b", "a|id|title|b", "a;id;title", "\tid\ttitle", "id", "sep=;", "\x1a"])
def test_text_that_looks_like_a_header_reads_back_the_same(format, text):
    written = [row(1, title=text.strip(), description=text), row(2, description=f"\n{text}\n")]
    file = io.BytesIO(b"".join(format.write([written])))
    assert [imported_row(members) for _, members in format.read(utf8(file))] == written


@given(TEXTS)
def test_protected_text_starts_no_formula_and_comes_back(text):
    protected = spreadsheet.protect(text)
    assert not FORMULA.search(protected)
    assert protected != ""
    assert spreadsheet.unprotect(protected) == text


@given(st.lists(ROWS, max_size=3))
def test_no_cell_is_a_formula_wherever_a_spreadsheet_splits_it(written):
    text = b"".join(spreadsheet.write([written])).decode("utf-8-sig")
    assert not re.search(r"(^|[,;\t\r\n])\"*[=+\-@＝＋－＠]", text)


def test_csv_is_what_excel_opens():
    written = b"".join(spreadsheet.write([[row(title="=1+1", description='a;=2\n"b"'), row(2, description="")]]))
    assert written.decode() == (
        "\ufeffid,user_id,title,description,is_completed,created_at,updated_at\r\n"
        '00000000-0000-0000-0000-000000000001,owner,\'=1+1,"a;\'=2\n""b""",false,'
        "2026-01-01T00:01:00Z,2026-01-01T00:01:00Z\r\n"
        "00000000-0000-0000-0000-000000000002,owner,Task 2,',false,2026-01-01T00:02:00Z,2026-01-01T00:02:00Z\r\n"
    )


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_icalendar_reads_back_what_is_written(written):
    todos = icalendar.Calendar.from_ical(b"".join(vtodo.write([written]))).todos
    assert [seen(todo) for todo in todos] == [wanted(task) for task in written]


def seen(todo):
    return {
        "uid": todo["UID"],
        "summary": todo["SUMMARY"],
        "description": todo.get("DESCRIPTION"),
        "status": todo["STATUS"],
        "created": todo.decoded("CREATED"),
        "modified": todo.decoded("LAST-MODIFIED"),
        "stamp": todo.decoded("DTSTAMP"),
        "owner": todo["X-USER-ID"],
    }


def wanted(task):
    def readable(text):
        return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\ufffd", re.sub(r"\r\n?", "\n", text))

    time = task["created_at"].replace(microsecond=0)
    return {
        "uid": str(task["id"]),
        "summary": readable(task["title"]),
        "description": None if task["description"] is None else readable(task["description"]),
        "status": "COMPLETED" if task["is_completed"] else "NEEDS-ACTION",
        "created": time,
        "modified": time,
        "stamp": time,
        "owner": task["user_id"],
    }


@pytest.mark.parametrize("title", ["x" * 400, "ä" * 200, "xä😀" * 60, "x" * 67, "x" * 68])
def test_icalendar_lines_are_folded_to_75_octets(title):
    written = b"".join(vtodo.write([[row(title=title)]]))
    lines = written.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines)
    assert f"SUMMARY:{title}\r\n".encode() in written.replace(b"\r\n ", b"")


MEMBERS = {
    "id": st.sampled_from(["00000000-0000-0000-0000-000000000001", "0" * 32, "x", ""]) | ANY,
    "user_id": st.sampled_from(["owner", "a/b", "a\n", "x" * 255, "x" * 256, "\ud800"]) | ANY,
    "title": st.sampled_from(["a", " a ", "", " ", "x" * 500, "x" * 501, "\0", "\ud800", "\u2028"]) | ANY,
    "description": st.sampled_from(["", " ", "x" * 5000, "x" * 5001, "\0", "\ud800"]) | ANY,
    "is_completed": ANY,
    "created_at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:00"]) | ANY,
    "updated_at": st.sampled_from(["2026-01-01T00:00:00.000001Z", "2026-01-01", "2026-01-01T00:00:00"]) | ANY,
}


FLAWLESS = orjson.loads(b"".join(jsonl.write([[row()]])))
CHANGES = st.sampled_from(list(MEMBERS)).flatmap(lambda name: st.fixed_dictionaries({name: MEMBERS[name]}))
LINES = CHANGES.map(lambda change: FLAWLESS | change) | st.fixed_dictionaries({}, optional=MEMBERS) | ANY


@settings(max_examples=500)
@given(LINES)
def test_the_quick_verdict_is_the_serializers(members):
    quick = quickly_valid(members)
    if quick is not None:
        assert quick == validated(SERIALIZER, members)


@settings(max_examples=500)
@given(LINES)
def test_a_flawless_line_never_needs_the_serializer(members):
    try:
        valid = validated(SERIALIZER, members)
    except Invalid:
        return
    if len(valid) == len(FIELDS) and members["title"] == valid["title"]:
        assert quickly_valid(members) == valid


def test_a_line_of_an_export_is_read_quickly():
    assert quickly_valid(FLAWLESS) == row()


def verdict(members):
    try:
        return validated(SERIALIZER, members)
    except Invalid:
        return None


@pytest.mark.parametrize("value", [None, True, 1, 1769860800, 1.5, "", [], {}])
@pytest.mark.parametrize("member", FIELDS)
def test_member_of_each_json_type_has_the_serializers_verdict(member, value):
    line = FLAWLESS | {member: value}
    assert quickly_valid(line) == verdict(line)


def test_member_without_a_type_is_an_error(monkeypatch):
    monkeypatch.setattr(serializers, "FIELDS", (*FIELDS, "colour"))
    with pytest.raises(KeyError, match="colour"):
        quickly_valid(FLAWLESS | {"colour": 5})
