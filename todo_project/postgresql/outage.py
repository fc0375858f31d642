"""Whether it is worth waiting for a database that cannot be reached."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

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


class Outage:
    """What this process knows: since when its database is out of reach, if it is.

    A request waits until its own deadline, and none longer than one deadline after the beginning of the outage: so
    waiting requests hold their threads once, not each in turn, and afterwards each fails at once.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self.next_attempt = 0.0
        self.thread = threading.local()

    def forbids_an_attempt(self) -> bool:
        """In an outage that nobody waits for, one request a second finds out: an attempt may take seconds itself."""
        now = time.monotonic()
        if self.since is None or now < self.since + settings.DATABASE_WAIT_SECONDS:
            return False
        if now < self.next_attempt:
            return True
        self.next_attempt = now + SECONDS_BETWEEN_ATTEMPTS
        return False

    def is_worth_waiting(self, error: Exception, deadline: float | None) -> bool:
        """Takes note of a connection that failed. `deadline` is the request's, by time.monotonic()."""
        if any(reason in str(error) for reason in HOPELESS):
            return False
        now = time.monotonic()
        if self.since is None:
            self.since = now
        end = self.since + settings.DATABASE_WAIT_SECONDS
        return now < min(end, deadline or end) and not getattr(self.thread, "is_impatient", False)

    def is_over(self) -> None:
        self.since = None

    @contextmanager
    def not_waited_for(self) -> Iterator[None]:
        """Inside, this thread fails where it would wait."""
        self.thread.is_impatient = True
        try:
            yield
        finally:
            self.thread.is_impatient = False


outage = Outage()
