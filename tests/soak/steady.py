"""Load for any time beside ten slow readers, checked slice by slice, and how much memory it adds."""

import time

from testbed.postgres import Cluster
from testbed.processes import pss_bytes
from tests.hostile.slow import SlowReaders, create_long_list
from tests.soak.figures import Figures
from tests.support.load import Load
from tests.support.service import Service

SLICE_SECONDS = 60
SLOW_READERS = 10
# After the slow readers the workers close their connections, and free what these have kept.
SETTLED_SECONDS = 2


def run_for(service, seconds, say):
    figures, end = Figures(), time.monotonic() + seconds
    while (rest := end - time.monotonic()) > 0:
        with SlowReaders(service, SLOW_READERS), Load(service.port, clients=8, pause=0) as load:
            time.sleep(min(SLICE_SECONDS, rest))
        time.sleep(SETTLED_SECONDS)
        figures += Figures.of(load, load.failed("GET", "POST", "PUT", "PATCH", "DELETE").total())
        say(f"steady load, {max(0, end - time.monotonic()):.0f} s to go: {figures}")
    return figures


def run(seconds, folder, say):
    """The figures, and the most that one worker grew in the second half, in KiB."""
    with Cluster() as cluster, Service(cluster.url(), folder / "steady", LOG_LEVEL="error") as service:
        # Clients that connect before the second worker listens all stay with the first.
        workers = service.listening_workers()
        create_long_list(service, folder)
        first = run_for(service, seconds / 2, say)
        before = [pss_bytes(worker) // 1024 for worker in workers]
        second = run_for(service, seconds / 2, say)
        grown = max(pss_bytes(worker) // 1024 - size for worker, size in zip(workers, before, strict=True))
    say(f"PSS of the workers at half time: {before} KiB; the second half added up to {grown} KiB")
    return first + second, grown
