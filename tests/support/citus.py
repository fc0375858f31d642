"""Databases of the Citus cluster whose coordinator TEST_CITUS_URL names."""

import os
import secrets
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

URL = os.environ.get("TEST_CITUS_URL", "")
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


@contextmanager
def citus_database():
    """The URL, at the coordinator, of a new database that all servers of the cluster have."""
    name = f"live_{secrets.token_hex(4)}"
    servers = [URL, *worker_urls(URL)]
    urls = [urlsplit(server)._replace(path=f"/{name}").geturl() for server in servers]
    for server, url in zip(servers, urls, strict=True):
        execute(server, f"CREATE DATABASE {name}")
        execute(url, "CREATE EXTENSION citus")
    coordinator, *workers = [(part.hostname, part.port) for part in map(urlsplit, servers)]
    execute(urls[0], "SELECT citus_set_coordinator_host('{}', {})".format(*coordinator))
    execute(urls[0], *["SELECT citus_add_node('{}', {})".format(*worker) for worker in workers])
    try:
        yield urls[0]
    finally:
        for server in servers:
            execute(server, f"DROP DATABASE {name} WITH (FORCE)")
