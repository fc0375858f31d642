"""UUIDs version 7 for the peers. The service's own module would import Django into those without it."""

import os
import time
from uuid import UUID


def uuid7():
    random = int.from_bytes(os.urandom(10))
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 68) << 64 | 2 << 62 | random & (1 << 62) - 1)
