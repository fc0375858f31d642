"""The servers that tests start: they end with the tests, also where nothing reads the status of a lost child."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from testbed.postgres import Cluster
from testbed.processes import adopt_orphans, children, descendants, exists, kill_tree, reap, send
from tests.support.service import Gunicorn
from tests.support.waiting import until

pytestmark = pytest.mark.run_once("sqlite")


@pytest.fixture(scope="module")
def cluster():
    with Cluster(fsync="off") as cluster:
        yield cluster


def test_killed_cluster_starts_again_and_leaves_no_process(cluster):
    before = cluster.processes()
    cluster.kill()
    assert not cluster.is_running()
    assert [pid for pid in before if os.path.exists(f"/proc/{pid}")] == []
    cluster.start()
    psycopg.connect(cluster.url()).close()


def test_signal_reaches_those_that_have_not_ended():
    ended, running = (subprocess.Popen(["sleep", seconds]) for seconds in ("0", "60"))
    ended.wait()
    send(signal.SIGKILL, [ended.pid, running.pid])
    assert running.wait() == -signal.SIGKILL


def test_lost_child_of_a_child_is_adopted():
    adopt_orphans()
    shell = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"])
    [first, second] = until(lambda: children(shell.pid) if len(children(shell.pid)) == 2 else None)
    os.kill(shell.pid, signal.SIGKILL)
    shell.wait()
    assert {first, second} <= set(children(os.getpid()))
    for pid in (first, second):
        os.kill(pid, signal.SIGKILL)
        reap(pid)
    assert not exists(first)


def test_service_that_does_not_start_leaves_no_process(tmp_path):
    config = tmp_path / "config.py"
    config.write_text("def post_fork(server, worker):\n    import time\n    time.sleep(60)\n")
    service = Gunicorn(f"sqlite:///{tmp_path}/db.sqlite3", tmp_path / "log", GUNICORN_CMD_ARGS=f"--config {config}")

    def interrupt():
        until(lambda: hasattr(service, "process") and service.workers(), 60)
        os.kill(os.getpid(), signal.SIGINT)

    before = set(descendants(os.getpid()))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            service.start()
    assert set(descendants(os.getpid())) <= before


def test_tree_is_killed_with_its_root(tmp_path):
    program = "import subprocess, sys; subprocess.run(['sleep', '60'])"
    root = subprocess.Popen([sys.executable, "-c", program])
    [below] = until(lambda: children(root.pid))
    kill_tree(root)
    assert (exists(root.pid), exists(below)) == (False, False)
