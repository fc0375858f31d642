"""The service's own settings, with two more admins beside its own: each page is then the same process's."""

from todo_project.settings import *  # noqa: F403 -- all of them

ROOT_URLCONF = "benchmarks.peers.stock_admin"
