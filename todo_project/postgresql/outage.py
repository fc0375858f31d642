"""Whether it is worth waiting for a database that cannot be reached."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings

# A log-in that fails has no SQLSTATE in libpq, only the server's text. In another language it is waited for in vain.
HOPELESS = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "not permitted to log in",
    "no pg_hba.conf entry",
    "sslmode",
)
SECONDS_BETWEEN_ATTEMPTS = 1.0
# What was found out longer ago says nothing of now.
MEMORY_SECONDS = 30.0
# psycopg takes no shorter time-out for an attempt.
SHORTEST_ATTEMPT_SECONDS = 2.0


class Outage:
    """What this process knows: since when its database is out of reach, if it is.

    A request waits until its own deadline, and none longer than one deadline after the beginning of the outage: so
    waiting requests hold their threads once, not each in turn, and afterwards each fails at once.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self.noticed = self.next_attempt = 0.0
        self.thread = threading.local()

    def is_long(self) -> bool:
        """Whether it is known, and has lasted for longer than a request may wait."""
        # Read once: another thread may end the outage meanwhile.
        if (since := self.since) is None:
            return False
        return since + settings.DATABASE_WAIT_SECONDS <= time.monotonic() <= self.noticed + MEMORY_SECONDS

    def forbids_an_attempt(self) -> bool:
        """In a long outage one request a second finds out whether it is over: an attempt may take seconds itself."""
        now = time.monotonic()
        if not self.is_long():
            return False
        if now < self.next_attempt:
            return True
        self.next_attempt = now + SECONDS_BETWEEN_ATTEMPTS
        return False

    def is_worth_waiting(self, error: Exception, deadline: float | None) -> bool:
        """Takes note of an attempt that failed. `deadline` is the request's, by time.monotonic()."""
        if any(reason in str(error) for reason in HOPELESS):
            return False
        end = self.has_lasted(0) + settings.DATABASE_WAIT_SECONDS
        # Where nobody answers at all, the next attempt will take its time too.
        needed = SHORTEST_ATTEMPT_SECONDS if isinstance(error, psycopg.errors.ConnectionTimeout) else 0
        return not self.is_not_waited_for() and time.monotonic() + needed < min(end, deadline or end)

    def has_lasted(self, seconds: float) -> float:
        """Takes note of an outage; gives its beginning, which may be known already, by time.monotonic()."""
        now, since = time.monotonic(), self.since
        if since is None or now > self.noticed + MEMORY_SECONDS:
            since = self.since = now - seconds
        self.noticed = now
        return since

    def is_over(self) -> None:
        self.since = None

    def is_not_waited_for(self) -> bool:
        return getattr(self.thread, "is_impatient", False)

    @contextmanager
    def not_waited_for(self) -> Iterator[None]:
        """Inside, this thread fails where it would wait."""
        self.thread.is_impatient = True
        try:
            yield
        finally:
            self.thread.is_impatient = False


outage = Outage()
