"""Databases of the Citus cluster whose coordinator TEST_CITUS_URL names."""

import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from tests.support.service import ROOT, SECRET_KEY

URL = os.environ.get("TEST_CITUS_URL", "").strip()
# Whether this run's tests have a distributed database.
IS_USED = bool(URL) and os.environ.get("DATABASE_URL") == URL
NODES = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY nodeid"


def execute(url, *statements):
    """The rows of the last statement."""
    with psycopg.connect(url, autocommit=True) as session:
        for statement in statements:
            cursor = session.execute(statement)
        return cursor.fetchall() if cursor.description else []


def at(url, host, port):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{host}:{port}").geturl()


def worker_urls(url):
    return [at(url, *node) for node in execute(url, NODES)]


def named(url, database):
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def create(name):
    """Makes the database on all servers of the cluster, unless the coordinator has it. Gives its URL there."""
    servers = [URL, *worker_urls(URL)]
    for server in servers:
        if not execute(server, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            execute(server, f'CREATE DATABASE "{name}"')
        execute(named(server, name), "CREATE EXTENSION citus")
    coordinator, *workers = [(part.hostname, part.port) for part in map(urlsplit, servers)]
    url = named(URL, name)
    execute(url, "SELECT citus_set_coordinator_host('{}', {})".format(*coordinator))
    execute(url, *["SELECT citus_add_node('{}', {})".format(*worker) for worker in workers])
    return url


def drop(name, servers=None):
    for server in servers or [URL, *worker_urls(URL)]:
        execute(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def drop_at_workers(name):
    drop(name, worker_urls(URL))


def distribute(url):
    command = [sys.executable, "manage.py", "distribute_tasks", "--no-input", "--shards=8", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}, check=True)


@contextmanager
def citus_database():
    """The URL, at the coordinator, of a new database that all servers of the cluster have."""
    name = f"live_{secrets.token_hex(4)}"
    try:
        yield create(name)
    finally:
        drop(name)
