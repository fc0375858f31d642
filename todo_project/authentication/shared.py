"""What the processes of a service know of the keys: a file without a name, which a forked process inherits."""

import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from typing import Any

try:
    import fcntl
except ImportError:  # Windows, where one process serves
    fcntl = None  # type: ignore[assignment]  # why: the only way to say so


@dataclass(frozen=True)
class State:
    """Times are of the monotonic clock, which all processes of a machine share; 0 is never."""

    fetched: float = 0.0
    attempted: float = 0.0
    # The last attempt for a token of an unknown key.
    asked: float = 0.0
    is_failing: bool = False


class Shared:
    """The state, and the text of the last key set. A process that replaces another has both at once.

    What reads and writes is called under `locked`. A lock ends with its process.
    """

    HEAD = struct.Struct("<ddd?")

    def __init__(self) -> None:
        # In memory where the system can: a full disk would stop the refreshing.
        in_memory = hasattr(os, "memfd_create")
        self.file = open(os.memfd_create("keys"), "r+b", 0) if in_memory else tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- open as long as the service runs
        # A record lock belongs to a process, and keeps no thread of it out.
        self.lock = threading.Lock()
        self.write(State())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Held for microseconds, and never while the provider is asked."""
        with self.lock:
            if fcntl:
                fcntl.lockf(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                if fcntl:
                    fcntl.lockf(self.file, fcntl.LOCK_UN)

    def read(self) -> State:
        self.file.seek(0)
        return State(*self.HEAD.unpack(self.file.read(self.HEAD.size)))

    def text(self) -> str:
        self.file.seek(self.HEAD.size)
        return self.file.read().decode()

    def write(self, state: State, text: str | None = None) -> None:
        """The text stays, where there is no other. The state comes last: its time says that the text is whole."""
        if text is not None:
            self.put(self.HEAD.size, text.encode())
            self.file.truncate()
        self.put(0, self.HEAD.pack(*astuple(state)))

    def put(self, place: int, content: bytes) -> None:
        self.file.seek(place)
        if self.file.write(content) != len(content):
            raise OSError("The keys are not shared: the file is full")

    def change(self, text: str | None = None, **changes: Any) -> None:
        with self.locked():
            self.write(replace(self.read(), **changes), text)
