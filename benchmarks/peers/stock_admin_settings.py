"""The service's settings with two more admins beside its own, so that one process serves all three."""

from todo_project.settings import *  # noqa: F403 -- all of them

ROOT_URLCONF = "benchmarks.peers.stock_admin"
