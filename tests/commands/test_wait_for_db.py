import multiprocessing
import os
import signal
import socket
import sqlite3
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base import base

from testbed.postgres import free_port
from tests.support.commands import failing, live_url, refusal, run, start
from tests.support.ports import refusing_port
from tests.support.proxy import Proxy
from todo_project.database.sqlite.file import file_problem

PASSWORD = "s3cret-of-the-database"


def ended(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


def test_database_that_answers_is_not_talked_about(db):
    assert run("wait_for_db") == ("", "")


def test_database_that_never_answers_ends_in_one_sentence_without_the_password():
    with refusing_port() as port:
        url = f"postgresql://user:{PASSWORD}@127.0.0.1:{port}/name"
        code, out, said = ended(start(url, "wait_for_db", "--timeout=0.6"))
    why = f'connection failed: connection to server at "127.0.0.1", port {port} failed: Connection refused'
    assert (code, out) == (1, "")
    ends, waits = f"The database did not answer within 0.6 s: {why}\n", f"Waiting for the database: {why}\n"
    # On a busy machine the first attempt takes longer than that.
    assert said in (waits + ends, ends)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that may come")
def test_database_that_comes_is_waited_for(transactional_db, tmp_path):
    url, port = live_url(tmp_path), connection.settings_dict["PORT"]
    proxy = Proxy(int(port))
    refusing = free_port()
    with start(url.replace(f":{port}/", f":{refusing}/"), "wait_for_db", "--timeout=60") as process:
        assert process.stderr.readline().startswith(b"Waiting for the database: connection failed: ")
        proxy.listener.close()
        proxy.listener, proxy.port = socket.create_server(("127.0.0.1", refusing)), refusing
        with proxy:
            assert ended(process) == (0, "", "")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="a file of SQLite")
def test_file_that_is_locked_is_waited_for(tmp_path):
    with sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with start(f"sqlite:///{tmp_path}/db.sqlite3?timeout=0", "wait_for_db", "--timeout=60") as process:
            assert process.stderr.readline() == b"Waiting for the database: database is locked\n"
            other.execute("COMMIT")
            assert ended(process) == (0, "", "")


def test_folder_that_is_not_there_is_not_waited_for(tmp_path):
    code, _, said = ended(start(f"sqlite:///{tmp_path}/none/db.sqlite3", "wait_for_db", "--timeout=600"))
    assert (code, said) == (1, f"The database file cannot be used: the folder {tmp_path}/none is not there.\n")


def as_ordinary_user(function):
    """What the function gives in a process that modes of files bind, as they do not bind root."""
    become = partial(os.setuid, 65534) if os.geteuid() == 0 else None
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), become) as processes:
        return processes.submit(function).result()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="a file of SQLite")
@pytest.mark.parametrize(
    ("mode_of_folder", "mode_of_file", "why"),
    [
        (0o777, 0o666, ""),
        (0o777, None, ""),
        (0o777, 0o444, "this process may not read and write {folder}/db.sqlite3"),
        (0o777, 0o222, "this process may not read and write {folder}/db.sqlite3"),
        (0o555, 0o666, "this process may not write to {folder}, where SQLite keeps its journal"),
        (0o555, None, "this process may not write to {folder}, where SQLite keeps its journal"),
    ],
)
def test_file_that_may_not_be_written_is_told(monkeypatch, mode_of_folder, mode_of_file, why):
    # Not pytest's folder: only its owner may enter that one.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "db.sqlite3"
        monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
        if mode_of_file:
            file.touch()
            file.chmod(mode_of_file)
        Path(folder).chmod(mode_of_folder)
        told = as_ordinary_user(file_problem)
        Path(folder).chmod(0o700)
    assert told == why.format(folder=folder)


def test_file_that_is_run_once_is_not_waited_for(tmp_path):
    (tmp_path / "db.sqlite3").write_text("no database " * 100)
    code, _, said = ended(start(f"sqlite:///{tmp_path}/db.sqlite3", "wait_for_db", "--timeout=600"))
    assert (code, said) == (1, "The database file cannot be used: file is not a database\n")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite makes the database that is missing")
def test_unknown_database_is_not_waited_for(transactional_db, tmp_path):
    url = f"{live_url(tmp_path)}_unknown"
    code, _, said = ended(start(url, "wait_for_db", "--timeout=600"))
    assert code == 1
    assert said.startswith("The database does not let this service in: connection failed: ")
    assert said.endswith(f'FATAL:  database "{connection.settings_dict["NAME"]}_unknown" does not exist\n')


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL")
@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("sslmode=require", "server does not support SSL, but SSL was required"),
        ("options=-c%20bogus=1", 'FATAL:  unrecognized configuration parameter "bogus"'),
        ("options=-c%20work_mem=soon", 'FATAL:  invalid value for parameter "work_mem": "soon"'),
        ("assume_role=none_such", 'role "none_such" does not exist'),
        ("gssencmode=bogus", 'invalid gssencmode value: "bogus"'),
        ("hostaddr=127.0.0.1,127.0.0.1", "could not match 1 host names with 2 hostaddr values"),
    ],
)
def test_option_that_the_server_refuses_is_not_waited_for(transactional_db, tmp_path, option, why):
    code, _, said = ended(start(f"{live_url(tmp_path)}?{option}", "wait_for_db", "--timeout=600"))
    assert code == 1
    assert said.startswith("The database does not let this service in: ")
    assert said.endswith(f"{why}\n")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a matter of PostgreSQL")
def test_server_that_is_too_old_is_not_waited_for(transactional_db, monkeypatch):
    version = ".".join(map(str, divmod(connection.pg_version, 10_000)))
    connection.close()
    monkeypatch.setattr(connection.features, "minimum_database_version", (99,))
    # Django asks once in a process.
    monkeypatch.setattr(base, "RAN_DB_VERSION_CHECK", set())
    sentence = f"PostgreSQL 99 or later is required (found {version})."
    assert failing("wait_for_db") == ("", f"The database does not let this service in: {sentence}")


def test_interruption_ends_in_one_sentence():
    with start(f"postgresql://user@127.0.0.1:{free_port()}/name", "wait_for_db") as process:
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "", "Interrupted: the database has not answered yet.\n")


@pytest.mark.parametrize("timeout", ["-1", "nan", "soon", "1e3", ""])
def test_wrong_timeout_ends_in_one_sentence(capsys, timeout):
    sentence = f"argument --timeout: must be a number of seconds, such as 30, not {timeout!r}\n"
    assert refusal(capsys, "wait_for_db", f"--timeout={timeout}") == (1, sentence)
