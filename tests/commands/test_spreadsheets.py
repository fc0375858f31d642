"""CSV as spreadsheets, databases and scripts write it."""

import codecs

import pytest

from tests.support.commands import failing, line_file, row, rows, run

pytestmark = pytest.mark.run_once("sqlite")

TIME = b"2026-01-01T00:01:00Z"
EXPECTED = (
    "The first line must name the columns, separated by commas: "
    "id,user_id,title,description,is_completed,created_at,updated_at"
)


def task_id(number):
    return b"00000000-0000-0000-0000-%012d" % number


def task_line(number=1, *, delimiter=b",", before=b""):
    cells = [task_id(number), b"owner", b"Task %d" % number, b"", b"false", *[b"2026-01-01T00:%02d:00Z" % number] * 2]
    return delimiter.join([cells[0], *(before + cell for cell in cells[1:])])


HEADER = b"id,user_id,title,description,is_completed,created_at,updated_at"


def csv_file(folder, *lines):
    return line_file(folder, *lines, name="tasks.csv")


def test_rows_without_a_content_are_passed_over(db, tmp_path):
    empty = [b",,,,,,", b" , ,\t,,,,", b'"","","","","","",""', b"", b",", b",,,,,,,,,"] * 50
    file = csv_file(tmp_path, *empty, HEADER, *empty, task_line(1), *empty, task_line(2), *empty)
    assert run("import_tasks", file) == ("", "2 created, 0 updated, 0 skipped.\n")
    assert rows() == [row(1), row(2)]


def test_empty_cells_behind_the_last_column_are_passed_over(db, tmp_path):
    file = csv_file(tmp_path, HEADER + b",,,", task_line(1) + b",,,", task_line(2), task_line(3) + b",,,,,, ")
    run("import_tasks", file)
    assert rows() == [row(1), row(2), row(3)]


def test_content_behind_the_last_column_is_a_bad_line(db, tmp_path):
    said, _ = failing("import_tasks", csv_file(tmp_path, HEADER, task_line(1) + b",x", task_line(2)))
    assert said == "line 2: CSV: 8 cells, where the first line names 7\n1 created, 0 updated, 0 skipped.\n"


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"^", b"|"])
@pytest.mark.parametrize("separator", [b"sep=%b\r", b'"sep=%b"', b"SEP=%b,,,,", codecs.BOM_UTF8 + b"sep=%b"])
def test_line_that_names_the_delimiter_is_read(db, tmp_path, separator, delimiter):
    header = HEADER.replace(b",", delimiter)
    run("import_tasks", csv_file(tmp_path, separator % delimiter, header, task_line(delimiter=delimiter)))
    assert rows() == [row()]


@pytest.mark.parametrize("delimiter", [b";", b"\t"])
def test_delimiter_is_known_by_the_header(db, tmp_path, delimiter):
    header = HEADER.replace(b",", delimiter) + delimiter + b"a,b,c,d,e,f,g,h"
    run("import_tasks", csv_file(tmp_path, header, task_line(delimiter=delimiter) + delimiter + b"1,2"))
    assert rows() == [row()]


@pytest.mark.parametrize(
    "header",
    [
        HEADER.upper(),
        HEADER.replace(b",", b" ,"),
        b'"' + HEADER.replace(b",", b'","') + b'"',
        b'"""id""",\'user_id\'' + HEADER[10:],
        codecs.BOM_UTF8 * 2 + HEADER,
        HEADER.replace(b"title", codecs.BOM_UTF8 + b"title"),
        b"ID,User ID,Title,Description,Is Completed,Created At,Updated At",
        b"id,userId,title,description,isCompleted,createdAt,updatedAt",
        b"Id,User-Id,Title\xc2\xa0,\xc2\xa0Description,IS_COMPLETED,created at,updated  at",
    ],
)
def test_names_of_columns_are_read_in_each_spelling(db, tmp_path, header):
    run("import_tasks", csv_file(tmp_path, header, task_line()))
    assert rows() == [row()]


@pytest.mark.parametrize("header", [HEADER, b'"' + HEADER + b'"'])
def test_line_that_excel_took_for_one_cell_is_read(db, tmp_path, header):
    quoted = task_line(2).replace(b"Task 2", b'""a, """"b""""\nc""')
    run("import_tasks", csv_file(tmp_path, header, task_line(1), b'"' + quoted + b'"', task_line(3)))
    assert rows() == [row(1), row(2, title='a, "b"\nc'), row(3)]


def test_numbers_of_rows_as_pandas_writes_them_are_passed_over(db, tmp_path):
    run("import_tasks", csv_file(tmp_path, b"," + HEADER, b"0," + task_line(1), b"1," + task_line(2)))
    assert rows() == [row(1), row(2)]


def test_blank_behind_each_delimiter_is_passed_over(db, tmp_path):
    quoted = task_line(2, before=b" ").replace(b" Task 2", b' "a, b"')
    run("import_tasks", csv_file(tmp_path, HEADER.replace(b",", b", "), task_line(1, before=b" "), quoted))
    assert rows() == [row(1), row(2, title="a, b")]


def test_blank_before_a_text_stays_where_the_header_has_none(db, tmp_path):
    run("import_tasks", csv_file(tmp_path, HEADER, task_line().replace(b"owner", b" owner")))
    assert rows() == [row(user_id=" owner")]


@pytest.mark.parametrize(
    ("header", "spellings"),
    [
        (HEADER + b",title", "title more than once: title, title"),
        (HEADER + b",Title", "title more than once: title, Title"),
        (HEADER + b', " Created at "', "created_at more than once: created_at, Created at"),
        (HEADER + b",user_id,user_id", "user_id more than once: user_id, user_id, user_id"),
    ],
)
def test_column_that_is_there_twice_is_one_sentence(db, tmp_path, header, spellings):
    said, sentence = failing("import_tasks", csv_file(tmp_path, header, *[task_line() + b",x"] * 150))
    assert said == ""
    assert sentence == f"The first line names the column {spellings}. 0 created, 0 updated, 0 skipped."


def test_other_columns_are_passed_over_even_if_they_are_there_twice(db, tmp_path):
    run("import_tasks", csv_file(tmp_path, HEADER + b",notes,notes,,notes", task_line() + b",a,b,c,d"))
    assert rows() == [row()]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "; the file is empty"),
        ([b",,,", b""], "; the file is empty"),
        ([b"title,user_id", b"a,owner"], "; missing: id"),
        ([b"task;done", b"a;1"], "; missing: id, title"),
        ([b"sep=,"] * 2000, "; the file is empty"),
        ([b"sep=", b"a"], "; missing: id, title"),
        ([b'id,"title'], "; unexpected end of data"),
        ([b"x" * 10_000_000], "; the line is longer than 131072 bytes"),
    ],
)
def test_file_without_the_columns_is_one_sentence(db, tmp_path, lines, why):
    said, sentence = failing("import_tasks", csv_file(tmp_path, *lines))
    assert (said, sentence) == ("", f"{EXPECTED}{why}. 0 created, 0 updated, 0 skipped.")


def test_end_of_file_mark_of_windows_is_passed_over(db, tmp_path):
    run("import_tasks", csv_file(tmp_path, HEADER, task_line(1), b"\x1a" + HEADER, task_line(2), b"\x1a"))
    run("import_tasks", line_file(tmp_path, row(3), b"\x1a"))
    assert rows() == [row(1), row(2), row(3)]


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_header_alone_is_a_file_of_no_tasks(db, tmp_path, delimiter):
    assert run("import_tasks", csv_file(tmp_path, HEADER.replace(b",", delimiter)))[1].startswith("0 created")


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_header_in_the_middle_is_passed_over(db, tmp_path, mark):
    run("import_tasks", csv_file(tmp_path, HEADER, task_line(1), mark + HEADER, task_line(2)))
    assert rows() == [row(1), row(2)]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r"])
def test_last_line_needs_no_end(db, tmp_path, end):
    file = tmp_path / "tasks.csv"
    file.write_bytes(HEADER + (end or b"\n") + task_line() + end)
    run("import_tasks", file)
    assert rows() == [row()]


@pytest.mark.parametrize(
    ("spelled", "is_completed"),
    [(word, True) for word in ["TRUE", "True", "t", "1", "1.0", "yes", " true ", "WAHR", "VRAI"]]
    + [(word, False) for word in ["FALSE", "False", "f", "0", "0.0", "no", "FALSCH", "", "NULL", "\\N"]],
)
def test_completed_is_read_as_programs_write_it(db, tmp_path, spelled, is_completed):
    run("import_tasks", csv_file(tmp_path, HEADER, task_line().replace(b"false", spelled.encode())))
    assert rows() == [row(is_completed=is_completed)]


def test_word_for_null_is_a_text_where_a_text_is_meant(db, tmp_path):
    texts = task_line().replace(b"owner,Task 1,,", b"null,None,\\N,")
    run("import_tasks", csv_file(tmp_path, HEADER, texts))
    assert rows() == [row(user_id="null", title="None", description="\\N")]


def test_line_that_is_too_long_is_named_and_the_next_is_read(db, tmp_path):
    long = task_line(2) + b"x" * 10_000_000
    said, _ = failing("import_tasks", csv_file(tmp_path, HEADER, task_line(1), long, task_line(3)))
    assert said == "line 3: CSV: the line is longer than 131072 bytes\n2 created, 0 updated, 0 skipped.\n"
    assert rows() == [row(1), row(3)]


DRAWN = "The file is a table with | between its cells: write it as CSV, as psql --csv does"


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (b" id | user_id | title ", DRAWN),
        (b"+----+---------+-------+", DRAWN),
        (b"id|user_id|title", DRAWN),
        (b'{"id": "1", "title": "a"}', "The file holds JSON, not CSV: add --format jsonl"),
        (b"[", "The file holds JSON, not CSV: add --format json"),
    ],
)
def test_other_format_under_the_name_of_csv_is_one_sentence(db, tmp_path, first, sentence):
    assert failing("import_tasks", csv_file(tmp_path, first, *[task_line()] * 150)) == (
        "",
        f"{sentence}. 0 created, 0 updated, 0 skipped.",
    )


def test_row_that_never_ends_is_bounded(db, tmp_path):
    file = csv_file(tmp_path, HEADER, b'"x\n",' * 300_000)
    said, _ = failing("import_tasks", file)
    assert said.startswith(
        "line 2: CSV: the row is longer than 1048576 bytes; it takes the lines up to 209717 with it\n"
    )
