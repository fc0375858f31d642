"""`.env` as editors, shells and tools write it: it is read whole, or the start ends with one sentence."""

import os
import subprocess
import sys

import pytest

from tests.support.service import SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")

SECRET = "only-for-tests-0123456789abcdef0"


@pytest.fixture
def with_file(folder, settings_of):
    """The settings with a file of these bytes."""

    def with_file(content):
        (folder / ".env").write_bytes(content)
        return settings_of(SECRET_KEY=SECRET_KEY)

    return with_file


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfPORT=8001\n",
        b"PORT=8001\r\n",
        b"export PORT=8001\n",
        b"PORT = '8001' # a comment\n",
        b'# a comment\n\nPORT="8001"\n',
        b"PORT=\nPORT=8002\nPORT=8001\nPORT=\n",
    ],
)
def test_file_is_read_as_others_write_it(with_file, content):
    assert with_file(content)["PORT"] == 8001


NOT_A_LINE = "line 2 is not NAME=value"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"LOG_LEVEL=\xff\n", "it is not UTF-8. Save it as UTF-8"),
        ("AUTH_ISSUER=x\n".encode("utf-16"), "it is not UTF-8. Save it as UTF-8"),
        ("AUTH_ISSUER=x\n".encode("utf-16-le"), "line 1 is not NAME=value"),
        (b"\nDEBUG=a\0b\n", NOT_A_LINE),
        (b"\n'A=B'=c\n", NOT_A_LINE),
        (b"\nset PORT=8001\n", NOT_A_LINE),
        (b"\n$env:PORT='8001'\n", NOT_A_LINE),
        (b"\nAUTH_JWKS_URL: https://app.example.com/jwks\n", NOT_A_LINE),
        (b"\nAUTH_JWKS_URL\n", NOT_A_LINE),
        (f'\nAUTH_JWT_SECRET="{SECRET}\n'.encode(), NOT_A_LINE),
    ],
)
def test_file_that_cannot_be_read_whole_ends_the_start(folder, with_file, content, why):
    with pytest.raises(SystemExit) as stop:
        with_file(content)
    assert stop.value.code == f"{folder}/.env cannot be read: {why}."


def test_folder_in_its_place_ends_the_start(folder, settings_of):
    (folder / ".env").mkdir()
    with pytest.raises(SystemExit) as stop:
        settings_of(SECRET_KEY=SECRET_KEY)
    assert stop.value.code == f"{folder}/.env cannot be read: Is a directory."


def test_link_to_nothing_ends_the_start(folder, settings_of):
    (folder / ".env").symlink_to("nowhere")
    with pytest.raises(SystemExit) as stop:
        settings_of(SECRET_KEY=SECRET_KEY)
    assert stop.value.code == f"{folder}/.env cannot be read: it is a link to a file that is not there."


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("ALOWED_HOSTS=api.example.com", "ALLOWED_HOSTS"),
        ("DATABASE_URI=sqlite:///other.sqlite3", "DATABASE_URL"),
        ("database_url=sqlite:///other.sqlite3", "DATABASE_URL"),
        ("PROT=8001", "PORT"),
        ("METRIC_TOKEN=only-for-tests-0123456789", "METRICS_TOKEN"),
        (f"AUTH_JWT_SECRET={SECRET}\nAUTH_AUDIANCE=tasks", "AUTH_AUDIENCE"),
    ],
)
def test_name_a_letter_off_in_the_file_is_warned_of(capsys, with_file, line, meant):
    with_file(f"{line}\n".encode())
    name = line.splitlines()[-1].partition("=")[0]
    assert capsys.readouterr().err == f"{name} is unknown and has no effect: is {meant} meant?\n"


def test_name_a_letter_off_in_the_environment_is_warned_of(capsys, settings_of):
    settings_of(SECRET_KEY=SECRET_KEY, CORS_ALLOWED_ORIGIN="https://app.example.com", CORS_ALLOWED_ORIGINS="")
    warned = "CORS_ALLOWED_ORIGIN is unknown and has no effect: is CORS_ALLOWED_ORIGINS meant?\n"
    assert capsys.readouterr().err == warned


@pytest.mark.parametrize("name", ["AUTH_SECRET", "JWT_SECRET", "JWKS_URL", "AUTH_ISUER", "auth_jwks_url"])
def test_name_that_may_be_meant_for_keys_ends_the_start_where_the_file_has_it(with_file, name):
    with pytest.raises(SystemExit) as stop:
        with_file(f"{name}={SECRET}\n".encode())
    assert str(stop.value.code).startswith(f"{name} is unknown, and without keys the API is open to all. ")


def test_name_of_another_program_in_the_environment_is_warned_of(capsys, settings_of):
    """Auth.js, with which a frontend logs its users in, has such a variable."""
    settings_of(SECRET_KEY=SECRET_KEY, AUTH_SECRET=SECRET)
    warned = "AUTH_SECRET is unknown and has no effect: is AUTH_JWT_SECRET meant?\n"
    assert capsys.readouterr().err == warned


def test_other_programs_variables_are_not_talked_about(capsys, folder, settings_of):
    (folder / ".env").write_text("POSTGRES_PASSWORD=x\nTEST_DATABASE_URL=x\nCOMPOSE_PROJECT_NAME=x\nALOWED_HOSTS=\n")
    neon = {"DATABASE_URL_UNPOOLED": "postgresql://host/name", "PGHOST": "host", "HOSTNAME": "host"}
    settings_of(SECRET_KEY=SECRET_KEY, **neon)
    assert capsys.readouterr().err == ""


def test_start_warns_once(folder):
    """`serve` becomes the server, which reads the settings a second time."""
    environment = os.environ | {"SECRET_KEY": SECRET_KEY, "METRIC_TOKEN": "x", "HOST": "203.0.113.1"}
    warned = "METRIC_TOKEN is unknown and has no effect: is METRICS_TOKEN meant?\n"
    for command, times in (("serve", 0), ("check", 1)):
        done = subprocess.run(
            [sys.executable, "manage.py", command], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.stderr.count(warned) == times
