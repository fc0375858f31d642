"""Long commands show their progress where stderr is a terminal, and only there."""

import fcntl
import os
import pty
import struct
import termios

import pytest

from tests.support.commands import line_file, live_url, row, start

pytestmark = pytest.mark.run_once("sqlite")


@pytest.fixture
def terminal():
    """Both ends of a terminal of 40 lines and 110 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
    yield ours, theirs
    os.close(ours)


def shown(terminal, url, *arguments):
    ours, theirs = terminal
    with start(url, *arguments, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        # Linux fails with "input/output error" once the other end is closed.
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:
            pass
    assert process.returncode == 0, said
    return said.decode()


def test_terminal_shows_share_rate_and_time_left(transactional_db, tmp_path, terminal):
    said = shown(terminal, live_url(tmp_path), "seed_tasks", "--tasks=3000", "--batch-size=500", "--seed=1")
    # The first picture of the bar. How many more follow depends on the speed.
    assert said.startswith("\r  0%|")
    assert "| 0.00/3.00k [00:00<?, ? tasks/s]\r" in said
    assert said.endswith("\rCreated 3,000 tasks with seed 1, found 0 here already.\r\n")


def test_terminal_shows_the_share_of_a_file(transactional_db, tmp_path, terminal):
    file = line_file(tmp_path, *map(row, range(1, 2001)))
    said = shown(terminal, live_url(tmp_path), "import_tasks", file, "--batch-size=500")
    assert said.startswith("\r  0%|")
    assert f"| 0.00/{file.stat().st_size / 1000:.0f}k [00:00<?, ?B/s]\r" in said


def test_quiet_means_quiet_on_a_terminal_too(transactional_db, tmp_path, terminal):
    assert shown(terminal, live_url(tmp_path), "seed_tasks", "--tasks=30", "-v0") == ""


def test_without_a_terminal_there_is_no_bar(transactional_db, tmp_path):
    with start(live_url(tmp_path), "seed_tasks", "--tasks=3000", "--batch-size=500", "--seed=1") as process:
        assert process.stderr.read() == b"Created 3,000 tasks with seed 1, found 0 here already.\n"
