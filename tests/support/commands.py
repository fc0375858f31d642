"""Runs management commands, in this process and in separate processes as their users do."""

import io
import os
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import connection

from tasks.models import Task
from tasks.statements import FIELDS
from tests.conftest import OWNER
from tests.support.service import ROOT, SECRET_KEY
from todo_project.api.renderers import dumps

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def row(number=1, user_id=OWNER, **members):
    """The task of a number. Each next number makes a task that is a minute younger."""
    time = NEW_YEAR + timedelta(minutes=number)
    return {
        "id": uuid.UUID(int=number),
        "user_id": user_id,
        "title": f"Task {number}",
        "description": None,
        "is_completed": False,
        "created_at": time,
        "updated_at": time,
    } | members


def rows():
    """All tasks as the database has them."""
    return list(Task.objects.order_by("id").values(*FIELDS))


def line_file(folder, *lines, name="tasks.jsonl"):
    """Writes a file of these lines: bytes unchanged, a dict as JSON."""
    file = folder / name
    file.write_bytes(b"".join((line if isinstance(line, bytes) else dumps(line)) + b"\n" for line in lines))
    return file


def run(name, *arguments):
    """What the command writes to stdout and to stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def failing(name, *arguments):
    """What the command writes to stderr, and the one sentence of its CommandError."""
    err = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(name, *map(str, arguments), stderr=err)
    return err.getvalue(), str(failure.value)


def refusal(capsys, name, *arguments):
    """The exit code and the stderr of a command that ends before it needs a database."""
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", name, *map(str, arguments)])
    said = capsys.readouterr()
    assert said.out == ""
    return ended.value.code, said.err


def live_url(folder):
    """The URL of the test's database for other processes. On SQLite that database is in memory, so they get a copy."""
    if connection.vendor == "postgresql":
        settings = connection.settings_dict
        return f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM INTO '{folder}/live.sqlite3'")
    return f"sqlite:///{folder}/live.sqlite3"


def start(url, name, *arguments, variables=None, shell="", **options):
    """Starts the command on the database at `url`, as a user's shell would. `shell` is a redirection or a pipe."""
    # Without bytecode each start would compile Django again, which takes a second. Unbuffered, stdout acts differently.
    plain = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONUNBUFFERED": ""}
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY} | plain | (variables or {})
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "manage.py", name, *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=heed_interrupts, **pipes | options)


def read_up_to(stream, beginning):
    """Reads lines until one begins so. Raises AssertionError where the stream ends before."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.startswith(beginning):
            return
    raise AssertionError(lines)


def heed_interrupts():
    """A suite in the background ignores SIGINT, and the processes that it starts would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
