"""A network in front of the database: what comes is passed on so many seconds later, in a process of its own."""

import asyncio
import contextlib
import subprocess
import sys
import time
from functools import partial
from urllib.parse import urlsplit

import psycopg

from tests.postgres import free_port

PROBES = 50
START_LIMIT_SECONDS = 10


async def passes_on(reader, writer, delay):
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


async def serve(port, target, delay):
    async def connected(reader, writer):
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", target)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(passes_on(reader, behind_writer, delay), passes_on(behind_reader, writer, delay))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


@contextlib.contextmanager
def network(url, delay):
    """The URL of the same database that many seconds away, one way."""
    parts = urlsplit(url)
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.network", str(port), str(parts.port), str(delay)])
    try:
        far = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
        wait_for(far)
        yield far
    finally:
        process.kill()
        process.wait()


def wait_for(url):
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        if time.monotonic() > deadline:
            raise RuntimeError("The network did not start")
        time.sleep(0.05)


def round_trips(url):
    """Of the least statement, in seconds, while nothing else is asked."""
    with psycopg.connect(url, autocommit=True) as connection:
        ask = partial(connection.execute, "SELECT 1")
        return [elapsed(ask) for _ in range(PROBES)]


def elapsed(call):
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
