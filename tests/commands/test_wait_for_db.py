import signal

import pytest
from django.db import connection

from tests.support.commands import live_url, refusal, run, start
from tests.support.ports import refusing_port

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


def test_database_that_comes_is_waited_for(tmp_path):
    folder = tmp_path / "mounted-later"
    with start(f"sqlite:///{folder}/db.sqlite3", "wait_for_db", "--timeout=60") as process:
        assert process.stderr.readline() == b"Waiting for the database: unable to open database file\n"
        folder.mkdir()
        assert ended(process) == (0, "", "")


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


def test_interruption_ends_in_one_sentence(tmp_path):
    with start(f"sqlite:///{tmp_path}/none/db.sqlite3", "wait_for_db") as process:
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "", "Interrupted: the database has not answered yet.\n")


@pytest.mark.parametrize("timeout", ["-1", "nan", "soon", "1e3", ""])
def test_wrong_timeout_ends_in_one_sentence(capsys, timeout):
    sentence = f"argument --timeout: must be a number of seconds, such as 30, not {timeout!r}\n"
    assert refusal(capsys, "wait_for_db", f"--timeout={timeout}") == (1, sentence)
