"""What a process knows of its database: whether it can be reached, and whether waiting for it is worth while.

| state | known by | a request |
|---|---|---|
| reachable | `since` is None | connects, and waits for its statement |
| outage | a `record_…` noted when it began | waits and tries again, until its own deadline or the outage's |
| long outage | it has lasted for DATABASE_WAIT_SECONDS | fails at once; one request a second tries to connect |

`end` leads back to the first state. So does time: a failure that was noted MEMORY_SECONDS ago tells nothing of now.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import NotSupportedError

# libpq gives no SQLSTATE for a log-in that fails, only the server's text. In another language waiting is in vain.
HOPELESS = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "not permitted to log in",
    "no pg_hba.conf entry",
    "permission denied",
    # PgBouncer
    "no such database",
    "no such user",
    # The options of the URL, as libpq, the server and a pooler refuse them
    "could not match",
    "gssencmode",
    "sslmode",
    "does not support SSL",
    "SSL connection is required",
    "certificate",
    "channel binding",
    "could not parse network address",
    "invalid integer value",
    "invalid value for parameter",
    "invalid command-line argument",
    "unrecognized configuration parameter",
    "unsupported startup parameter",
)
SECONDS_BETWEEN_ATTEMPTS = 1.0
MEMORY_SECONDS = 30.0
# psycopg takes no shorter time-out for an attempt to connect.
SHORTEST_ATTEMPT_SECONDS = 2.0


class Outage:
    """A request waits until its own deadline, and no longer than one deadline after the outage began.

    So an outage holds the threads of waiting requests once, not for each request in turn.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self.noticed = self.next_attempt = self.answered = 0.0
        self.thread = threading.local()

    def is_long(self) -> bool:
        # Read once, because another thread may end the outage meanwhile.
        if (since := self.since) is None:
            return False
        return since + settings.DATABASE_WAIT_SECONDS <= time.monotonic() <= self.noticed + MEMORY_SECONDS

    def reserve_attempt(self) -> bool:
        """Whether this request may try to connect. In a long outage one request a second may: an attempt takes time."""
        now = time.monotonic()
        if not self.is_long():
            return True
        if now < self.next_attempt:
            return False
        self.next_attempt = now + SECONDS_BETWEEN_ATTEMPTS
        return True

    def record_failure(self, lasted: float = 0.0) -> float:
        """Notes an outage that has lasted for some seconds. Gives when it began, by time.monotonic()."""
        now, since = time.monotonic(), self.since
        if since is None or now > self.noticed + MEMORY_SECONDS:
            since = self.since = now - lasted
        self.noticed = now
        return since

    def record_silence(self, seconds: float) -> None:
        """Notes that a statement got no answer for so long. It is no outage if others got theirs in the later half."""
        if self.answered < time.monotonic() - seconds / 2:
            self.record_failure(seconds)

    def end(self) -> None:
        self.since = None
        self.answered = time.monotonic()

    def has_time_for(self, error: Exception, began: float, deadline: float | None) -> bool:
        """Whether another attempt may succeed in time, after one that failed with `error`.

        `began` is when the outage began, `deadline` when the request must end, both by time.monotonic().
        """
        end = began + settings.DATABASE_WAIT_SECONDS
        # A server that did not answer at all will take as long again.
        needed = SHORTEST_ATTEMPT_SECONDS if isinstance(error, psycopg.errors.ConnectionTimeout) else 0
        return self.may_wait() and time.monotonic() + needed < min(end, deadline or end)

    def may_wait(self) -> bool:
        return not getattr(self.thread, "is_impatient", False)

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Inside, this thread fails where it would wait."""
        self.thread.is_impatient = True
        try:
            yield
        finally:
            self.thread.is_impatient = False


def is_hopeless(error: Exception) -> bool:
    """Whether waiting cannot help, as after a wrong password."""
    # Django refuses the version of a server that lets it in.
    return isinstance(error, NotSupportedError) or any(text in str(error) for text in HOPELESS)


outage = Outage()
