"""Opens the files of exports and imports. The name - means standard input or output.

A name that ends in .gz makes an export pack its file. An import looks at the content, since browsers unpack a file on
the way and leave its name.
"""

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from tempfile import NamedTemporaryFile
from typing import BinaryIO, NamedTuple, cast

from tasks.interchange.lines import UnreadableError

STANDARD = "-"
GZIP = b"\x1f\x8b"


class Source(NamedTuple):
    """A file being read. `size` is its bytes on the disk, None for a pipe; `position` tells how many are read."""

    file: BinaryIO
    size: int | None
    position: Callable[[], int]


@contextmanager
def open_input(name: str) -> Iterator[Source]:
    """Raises OSError, and UnreadableError for a packed file that cannot be read to its end."""
    with open(sys.stdin.fileno() if name == STANDARD else name, "rb", closefd=name != STANDARD) as raw:
        status = os.fstat(raw.fileno())
        is_file = S_ISREG(status.st_mode)
        file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if raw.peek(2).startswith(GZIP) else raw
        try:
            yield Source(file, status.st_size if is_file else None, raw.tell if is_file else lambda: 0)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise UnreadableError(f"{name} is packed by gzip, and damaged or cut short") from None


@contextmanager
def open_output(name: str) -> Iterator[BinaryIO]:
    """A regular file appears under its name when it is whole, and only its owner may read it. Raises OSError."""
    path = Path(name).resolve()
    try:
        if name == STANDARD:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        elif path.exists() and not path.is_file():
            with path.open("wb") as device, packed(device, name) as file:
                yield file
        else:
            with replacement(path) as file:
                yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


@contextmanager
def replacement(path: Path) -> Iterator[BinaryIO]:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as raw:
        try:
            with packed(cast(BinaryIO, raw), path.name) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
            Path(raw.name).replace(path)
        except BaseException:
            Path(raw.name).unlink()
            raise


def is_packed(name: str) -> bool:
    return name.lower().endswith(".gz")


@contextmanager
def packed(raw: BinaryIO, name: str) -> Iterator[BinaryIO]:
    if not is_packed(name):
        yield raw
        return
    # Without a name and a time in the header, the same tasks make the same bytes.
    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as file:
        yield cast(BinaryIO, file)
