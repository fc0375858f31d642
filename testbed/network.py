"""A network in front of the database: a process that passes on what it receives, a fixed time later."""

import asyncio
import contextlib
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

import psycopg

from testbed.postgres import free_port

PROBES = 50
START_LIMIT_SECONDS = 10


async def pass_on(reader: StreamReader, writer: StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        loop.call_later(delay, writer.write, data)
    loop.call_later(delay, writer.close)


async def serve(port: int, target: int, delay: float) -> None:
    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", target)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(pass_on(reader, behind_writer, delay), pass_on(behind_reader, writer, delay))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


@contextlib.contextmanager
def network(url: str, delay: float) -> Iterator[str]:
    """The URL of the same database, now `delay` seconds away in each direction."""
    parts = urlsplit(url)
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "testbed.network", str(port), str(parts.port), str(delay)])
    try:
        far = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
        wait_for(far)
        yield far
    finally:
        process.kill()
        process.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        if time.monotonic() > deadline:
            raise RuntimeError("The network did not start")
        time.sleep(0.05)


def round_trips(url: str) -> list[float]:
    """Seconds that the smallest statement takes, measured several times while the connection is otherwise idle."""
    with psycopg.connect(url, autocommit=True) as connection:
        ask = partial(connection.execute, "SELECT 1")
        return [elapsed(ask) for _ in range(PROBES)]


def elapsed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
