"""The migration that makes it fast to find words in titles. Each test has its own database."""

import secrets
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.conftest import new_database
from tests.support.commands import start

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such index")
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'tasks_task_title_trigram'"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'tasks_task_title_trigram'::regclass"


@pytest.fixture
def url(tmp_path):
    with new_database(tmp_path, is_migrated=False) as url:
        yield url


def migrate(url, *target):
    with start(url, "migrate", *target) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def asked(url, sql):
    with psycopg.connect(url, autocommit=True) as admin:
        return admin.execute(sql).fetchall()


@pytest.fixture
def limited_url(url):
    """The URL for a role that owns its tables but may not create an extension."""
    role, place = f"limited_{secrets.token_hex(4)}", urlsplit(url).netloc.rpartition("@")[2]
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
        admin.execute(f"GRANT ALL ON SCHEMA public TO {role}")
        yield urlsplit(url)._replace(netloc=f"{role}:{role}@{place}").geturl()
        admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_role_that_may_not_create_the_extension_migrates_without_the_index(limited_url):
    said = migrate(limited_url, "tasks")
    assert "let a superuser run: CREATE EXTENSION IF NOT EXISTS pg_trgm" in said
    assert asked(limited_url, INDEX) == []


def test_index_is_removed_and_made_anew_after_an_interruption(url):
    migrate(url, "tasks")
    migrate(url, "tasks", "0001")
    assert asked(url, INDEX) == []
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE INDEX tasks_task_title_trigram ON tasks_task (title)")
        admin.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tasks_task_title_trigram'::regclass")
    migrate(url, "tasks")
    assert asked(url, VALID) == [(True,)]
    assert "gin_trgm_ops" in asked(url, INDEX)[0][0]
