"""Which database a DATABASE_URL names."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.service import SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")


def test_relative_sqlite_file_is_one_of_the_project(settings_of, folder):
    database = settings_of(DATABASE_URL="sqlite:///data/tasks.sqlite3")["DATABASES"]["default"]
    assert (database["ENGINE"], database["NAME"]) == ("todo_project.database.sqlite", f"{folder}/data/tasks.sqlite3")


def test_postgresql_url_is_read_with_its_options(settings_of):
    url = "postgres://us%40er:p%2Fw@db.example.com:6432/name?sslmode=require&application_name=mine"
    database = settings_of(DATABASE_URL=url, SECRET_KEY=SECRET_KEY)["DATABASES"]["default"]
    assert {name: database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.example.com",
        "PORT": "6432",
        "NAME": "name",
    }
    assert {"sslmode": "require", "application_name": "mine"}.items() <= database["OPTIONS"].items()


def test_several_hosts_are_read_as_libpq_reads_them(settings_of):
    url = "postgresql://user:s3cret@one:5433,two,[::1]:6432/name"
    database = settings_of(DATABASE_URL=url, SECRET_KEY=SECRET_KEY)["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"]) == ("one,two,::1", "5433,5432,6432")
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("user", "s3cret", "name")
    assert database["OPTIONS"]["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql:///name?host=/var/run/Db", "/var/run/Db", ""),
        ("postgresql://%2Fvar%2Frun%2FDb:5433/name", "/var/run/Db", "5433"),
        ("postgresql:///?dbname=name&host=one,two&port=5433,5434", "one,two", "5433,5434"),
        ("postgresql:///name", "", ""),
    ],
)
def test_host_may_be_an_option_or_the_folder_of_a_socket(settings_of, url, host, port):
    database = settings_of(DATABASE_URL=url, SECRET_KEY=SECRET_KEY)["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == (host, port, "name")
    assert database["OPTIONS"].get("target_session_attrs") == ("read-write" if "," in host else None)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("currentSchema=one", "-c search_path=one"),
        ("currentSchema=one,%20%22a%5Cb%22", '-c search_path=one,\\ "a\\\\b"'),
        ("options=-c%20work_mem%3D1MB&currentSchema=one", "-c search_path=one -c work_mem=1MB"),
    ],
)
def test_schema_is_an_option_of_the_server_beside_others(settings_of, query, options):
    database = settings_of(DATABASE_URL=f"postgresql:///name?{query}", SECRET_KEY=SECRET_KEY)["DATABASES"]["default"]
    assert database["OPTIONS"]["options"] == options


@pytest.mark.parametrize(("path", "file"), [("a%20b", "a b"), ("a%23b%3Fc", "a#b?c"), ("100%", "100%"), ("é", "é")])
def test_sqlite_file_may_have_any_name(settings_of, tmp_path, path, file):
    url = f"sqlite:///{tmp_path}/{path}.sqlite3?timeout=3"
    database = settings_of(DATABASE_URL=url, SECRET_KEY=SECRET_KEY)["DATABASES"]["default"]
    assert (database["NAME"], database["OPTIONS"]["timeout"]) == (f"{tmp_path}/{file}.sqlite3", 3)


def test_unreachable_database_is_told_without_its_password(folder):
    environment = os.environ | {"DATABASE_URL": "postgresql://user:s3cret@127.0.0.1:1/name", "SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "manage.py", "wait_for_db", "--timeout", "0"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The database did not answer within 0 s: connection failed: connection to server at" in done.stderr
    assert not re.search("s3cret|Traceback", done.stderr)
