"""No secret has a default: the service makes a key where nobody else can connect, and demands one elsewhere."""

import errno
import os
import shutil

import pytest

pytestmark = pytest.mark.run_once("sqlite")

NO_KEY = "must be set to 50 random characters where the database is PostgreSQL or HOST is not loopback"
POSTGRESQL = "postgresql://user:s3cret@db.example.com/name"


@pytest.mark.parametrize("environment", [{"DATABASE_URL": POSTGRESQL}, {"HOST": "0.0.0.0"}, {"HOST": "10.0.0.1"}])
def test_no_secret_key_is_no_start_where_others_may_come(settings_of, folder, environment):
    with pytest.raises(SystemExit) as stop:
        settings_of(**environment)
    assert stop.value.code == f"SECRET_KEY {NO_KEY}."
    assert not (folder / ".env").exists()


def test_first_start_keeps_a_random_key_that_its_owner_alone_reads(settings_of, folder):
    key = settings_of()["SECRET_KEY"]
    assert (folder / ".env").read_text() == f"SECRET_KEY={key}\n"
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    assert settings_of()["SECRET_KEY"] == key


def test_key_is_another_in_every_folder(settings_of, folder):
    key = settings_of()["SECRET_KEY"]
    (folder / ".env").unlink()
    assert settings_of()["SECRET_KEY"] != key


def test_key_joins_an_env_file_copied_from_the_example(settings_of, folder):
    shutil.copy(folder / ".env.example", folder / ".env")
    (folder / ".env").chmod(0o644)
    key = settings_of()["SECRET_KEY"]
    example = (folder / ".env.example").read_text()
    assert (folder / ".env").read_text() == f"{example}SECRET_KEY={key}\n"
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    assert settings_of()["SECRET_KEY"] == key


def test_key_starts_a_line_of_its_own(settings_of, folder):
    (folder / ".env").write_text("PORT=8001")
    settings = settings_of()
    assert settings["PORT"] == 8001
    assert (folder / ".env").read_text() == f"PORT=8001\nSECRET_KEY={settings['SECRET_KEY']}\n"


def test_blank_value_in_the_environment_hides_no_line_of_the_file(settings_of, folder):
    (folder / ".env").write_text("SECRET_KEY=" + "a$b${c}" * 10 + "\n")
    assert settings_of(SECRET_KEY=" ")["SECRET_KEY"] == "a$b${c}" * 10


def test_key_that_cannot_be_kept_is_told(settings_of, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SystemExit) as stop:
        settings_of()
    assert stop.value.code == "SECRET_KEY is not set, and a random one cannot be kept in .env: Read-only file system."


def test_another_file_takes_the_place_of_the_env_file(settings_of, folder):
    (folder / ".env").write_text("PORT=8001\n")
    (folder / "other").write_text("WEB_CONCURRENCY=3\n")
    for path in ("other", str(folder / "other")):
        settings = settings_of(ENV_FILE=path)
        assert (settings["PORT"], settings["WEB_CONCURRENCY"]) == (8000, 3)
    assert (folder / "other").read_text() == f"WEB_CONCURRENCY=3\nSECRET_KEY={settings['SECRET_KEY']}\n"
    assert (folder / ".env").read_text() == "PORT=8001\n"


def test_no_file_at_all_takes_its_place(settings_of, folder):
    (folder / ".env").write_text("PORT=8001\n")
    assert settings_of(ENV_FILE="/dev/null", SECRET_KEY="a$b${c}" * 10)["PORT"] == 8000


def test_key_goes_into_no_device(settings_of):
    mode = os.stat("/dev/null").st_mode
    with pytest.raises(SystemExit) as stop:
        settings_of(ENV_FILE="/dev/null")
    assert stop.value.code == (
        "SECRET_KEY is not set, and a random one cannot be kept in /dev/null: it is not a regular file."
    )
    assert os.stat("/dev/null").st_mode == mode


def test_env_file_that_is_not_there_is_told(settings_of):
    with pytest.raises(SystemExit) as stop:
        settings_of(ENV_FILE="none")
    assert stop.value.code == "ENV_FILE must be the path of a file that exists."
