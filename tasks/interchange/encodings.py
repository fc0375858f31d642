"""The text of a file as UTF-8, whatever Unicode encoding and line ends the program that wrote it uses.

A file that is not text, or that is text in an 8-bit charset, is refused by one sentence that says so.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO, cast

from tasks.interchange.lines import UnreadableError
from tasks.interchange.signatures import refuse_other_files

CHUNK = 65_536
# The mark of UTF-32 begins with that of UTF-16, so it comes first.
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Where the zeros of two ASCII characters, or of one, stand in the first four bytes.
ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
}
# What the mark of UTF-8 becomes where a program reads it in another charset, as PowerShell does with what it sends to a
# file, and writes it as Unicode.
MISREAD = {codecs.BOM_UTF8.decode(charset).encode(): charset for charset in ("cp437", "cp850", "cp1252")}
NOT_TEXT = "The file is not text (it has zero bytes): write it again as JSON Lines or CSV"
NON_ASCII = re.compile(rb"[\x80-\xff]")
FOLD = re.compile(rb"\r?\n[ \t]")
MOST_FOLDED = len(b"\r\n ") * 3 + 4
MAC_LINE_END = re.compile(rb"[^\r\n]*\r+[^\r\n]")


class Chunks(io.RawIOBase):
    """A file of the bytes that an iterator gives."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = filter(None, chunks)
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.rest = self.rest or next(self.chunks, b"")
        taken, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def utf8(file: BinaryIO) -> io.BufferedReader:
    """The file from its beginning as UTF-8 without a byte order mark, and with \\n or \\r\\n for line ends.

    Raises UnreadableError, also when it is read, for a file that is not text in a Unicode encoding. Behind the first
    UTF-8 character outside of ASCII, other bytes are passed on as they are: they are a bad line's.
    """
    head, encoding = read_head(file)
    refuse_other_files(head)
    if encoding == "utf-8" and b"\0" in head.partition(b"\n")[0]:
        raise UnreadableError(NOT_TEXT)
    pieces: Iterator[bytes] = chain([head], iter(lambda: cast(io.BufferedReader, file).read1(CHUNK), b""))
    pieces = without_8_bit(pieces) if encoding == "utf-8" else transcoded(pieces, encoding)
    pieces = with_plain_beginning(pieces)
    return io.BufferedReader(Chunks(pieces), CHUNK)


def with_plain_beginning(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The text without what programs that know another beginning or another line end have made of it."""
    first = next(pieces, b"")
    for mark, charset in MISREAD.items():
        if first.startswith(mark):
            pieces = transcoded(chain([first], pieces), "utf-8", charset)
            first = next(pieces, b"").removeprefix(codecs.BOM_UTF8)
    refuse_other_files(first)
    pieces = chain([first], pieces)
    return (piece.replace(b"\r", b"\n") for piece in pieces) if MAC_LINE_END.match(first) else pieces


def read_head(file: BinaryIO) -> tuple[bytes, str]:
    """The first bytes behind the byte order mark, and the encoding."""
    # The first call waits for the whole mark, and the second takes what a pipe has.
    head = file.read(4)
    head += cast(io.BufferedReader, file).read1(CHUNK) if len(head) == 4 else b""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return head.removeprefix(mark), encoding
    return head, ZEROS.get(tuple(byte == 0 for byte in head[:4]), "utf-8")


def without_8_bit(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Raises UnreadableError where the first byte outside of ASCII does not begin a UTF-8 character."""
    line = 1
    for piece in pieces:
        if not piece.isascii():
            start = cast("re.Match[bytes]", NON_ASCII.search(piece)).start()
            whole = piece if len(piece) - start >= MOST_FOLDED else piece + next(pieces, b"")
            # Calendars may fold a line inside a character.
            if not begins_character(FOLD.sub(b"", whole[start : start + MOST_FOLDED])[:4]):
                raise UnreadableError(
                    NOT_TEXT if b"\0" in whole else not_utf8(line + count_lines(whole[:start]), whole[start])
                )
            yield whole
            break
        line += count_lines(piece)
        yield piece
    yield from pieces


def begins_character(octets: bytes) -> bool:
    try:
        return codecs.utf_8_decode(octets, "strict", False)[1] > 0
    except UnicodeDecodeError as error:
        return error.start > 0


def count_lines(octets: bytes) -> int:
    return octets.count(b"\n") or octets.count(b"\r")


def not_utf8(line: int, byte: int) -> str:
    return (
        f"The file is not UTF-8 (line {line:,} has the byte 0x{byte:02X}), but in an older charset such as "
        'Windows-1252: save it as UTF-8 and import it again; Excel calls that type "CSV UTF-8"'
    )


def transcoded(pieces: Iterator[bytes], encoding: str, target: str = "utf-8") -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for piece in pieces:
            octets = decoder.decode(piece).encode(target)
            line += count_lines(octets)
            yield octets
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        reason = f"The file begins as {encoding[:6].upper()} and does not go on so from line {line:,} or later"
        raise UnreadableError(f"{reason}: save it as UTF-8 and import it again") from None
    except UnicodeEncodeError:
        reason = (
            f"A program has read the file as {target}, which it is not, and has damaged it from line {line:,} or later"
        )
        raise UnreadableError(f"{reason}: write the file again, with export_tasks -o FILE") from None
