"""Files in the encodings that other programs write."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.interchange.encodings import CHUNK, utf8
from tasks.interchange.lines import UnreadableError

pytestmark = pytest.mark.run_once("sqlite")

TEXT = "id,title\r\n1,Größe 😀\r\n"
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


class Dribble(io.BytesIO):
    """Gives a byte at a time, as a slow pipe may."""

    def read1(self, size=-1):
        return self.read(1)


def refused(content):
    with pytest.raises(UnreadableError) as refusal:
        utf8(io.BytesIO(content)).read()
    return str(refusal.value)


@pytest.mark.parametrize("file", [io.BytesIO, Dribble])
@pytest.mark.parametrize("is_marked", [True, False])
@pytest.mark.parametrize("encoding", MARKS)
def test_each_unicode_encoding_is_read(file, encoding, is_marked):
    content = MARKS[encoding] * is_marked + TEXT.encode(encoding)
    assert utf8(file(content)).read() == TEXT.encode()


@given(st.text(max_size=60), st.sampled_from([0, 1, CHUNK - 2, CHUNK - 1, CHUNK]))
def test_utf8_is_passed_on_as_it_is(text, length):
    content = b"x" * length + b"\n" + text.encode()
    assert utf8(io.BytesIO(content)).read() == content


@pytest.mark.parametrize("content", [b"", b"{", b"{}\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, "é".encode()])
def test_short_file_is_read(content):
    assert utf8(io.BytesIO(content)).read() == content.removeprefix(codecs.BOM_UTF8).removeprefix(codecs.BOM_UTF16_LE)


@pytest.mark.parametrize("rest", ["", "é", "é,a"])
@pytest.mark.parametrize("before", [0, CHUNK - 12, CHUNK - 11, 3 * CHUNK])
def test_8_bit_charset_is_one_sentence_with_the_line(before, rest):
    content = b"id,title\r\n" + b"x" * before + b"\n" + "Größe".encode("cp1252") + rest.encode()
    assert refused(content) == (
        "The file is not UTF-8 (line 3 has the byte 0xF6), but in an older charset such as Windows-1252: "
        'save it as UTF-8 and import it again; Excel calls that type "CSV UTF-8"'
    )


def test_8_bit_charset_is_known_by_the_last_byte():
    assert refused(b"id,title\rcaf\xe9").startswith("The file is not UTF-8 (line 2 has the byte 0xE9)")


def test_damaged_line_of_a_utf8_file_is_passed_on():
    content = "é\n".encode() + b"\xff\n"
    assert utf8(io.BytesIO(content)).read() == content


@pytest.mark.parametrize("rest", [b"\n", "x".encode("utf-16-le") + b"\x00\xd8"])
def test_utf16_that_goes_on_as_something_else_is_one_sentence(rest):
    assert refused(codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le") + rest) == (
        "The file begins as UTF-16 and does not go on so from line 2 or later: save it as UTF-8 and import it again"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
@pytest.mark.parametrize("charset", ["cp437", "cp850", "cp1252"])
def test_utf8_that_was_read_in_another_charset_is_repaired(charset, encoding):
    content = (codecs.BOM_UTF8 + TEXT.encode()).decode(charset).encode(encoding)
    assert utf8(io.BytesIO(content)).read() == TEXT.encode()


def test_damage_by_another_charset_is_one_sentence():
    assert refused("∩╗┐id,title\n1,Gr\ufffd\n".encode("utf-16")) == (
        "A program has read the file as cp437, which it is not, and has damaged it from line 1 or later: "
        "write the file again, with export_tasks -o FILE"
    )


def test_zero_byte_of_a_later_line_is_passed_on():
    assert utf8(io.BytesIO(b"{}\n\0\n")).read() == b"{}\n\0\n"


def test_line_ends_of_old_macs_are_read():
    assert utf8(io.BytesIO(b"id,title\r\r1,a\r2,b")).read() == b"id,title\n\n1,a\n2,b"


@pytest.mark.parametrize("content", [b"a\r\nb\rc", b"a\nb\rc", b"a\r\r\nb\r\r\n", b"a\r"])
def test_carriage_returns_of_other_files_stay(content):
    assert utf8(io.BytesIO(content)).read() == content


def test_lines_come_as_soon_as_a_pipe_has_them():
    file = Dribble(b"{}{}\n12\n")
    lines = utf8(file)
    assert lines.readline() == b"{}{}\n"
    assert file.tell() < 8


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04\x14\0[Content_Types].xml", "an Excel or LibreOffice workbook: save the sheet as"),
        (b"PK\x03\x04\x14\0Takeout/Tasks/Tasks.json", "a ZIP archive: unpack it and import the file in it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "an Excel workbook: save the sheet as"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF: write it again as JSON Lines or CSV"),
        (b"\n<!DOCTYPE html>\n<title>Log in</title>", "a web page, of a log-in perhaps: log in and"),
        (
            b"<!-- saved from url=(0015)https://example -->",
            "a web page, of a log-in perhaps: log in and",
        ),
        (b"<?xml version='1.0'?>", "an XML document: write it again as JSON Lines or CSV"),
        ("<HTML>".encode("utf-16"), "a web page, of a log-in perhaps: log in and"),
        (b"\x1f\x8b\x08\0", "packed by gzip twice: unpack it and import the file in it"),
        (b"\xfd7zXZ\0\0", "packed by xz: unpack it and import the file in it"),
        (b"\0\x9c\r\x1b", "not text (it has zero bytes): write it again as JSON Lines or CSV"),
        (b"\x7fELF\2\1\1\0\0\0", "not text (it has zero bytes): write it again as JSON Lines or CSV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text (it has zero bytes): write it again as JSON Lines or CSV"),
        (b"SQLite format 3\0", "an SQLite database: export its tasks with export_tasks and import that file"),
    ],
)
def test_file_without_tasks_is_named(content, sentence):
    assert refused(content).startswith(f"The file is {sentence}")
