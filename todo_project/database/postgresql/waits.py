"""Bounds how many threads of a process wait long for the database, so that the others are free for other requests.

What a request waits for may be for some users alone: a worker of Citus that is frozen, or a row that somebody has
locked. Without a bound, requests for them would soon hold all threads.
"""

import select
import threading

import psycopg

from todo_project.database.errors import INSUFFICIENT_RESOURCES

# A wait is long from here on. A statement of the API takes a millisecond or two.
LONG_SECONDS = 1.0
# How long others may wait while no place is left for a long wait.
SHORT_SECONDS = 0.25


class TooManyWaitError(psycopg.OperationalError):
    """The statement was given up, because half of the threads wait long already."""

    sqlstate = INSUFFICIENT_RESOURCES


class LongWaits:
    """`places` is how many threads may wait long. The server sets it when it knows how many threads it has."""

    def __init__(self) -> None:
        self.places: int | None = None
        self.taken = 0
        self.lock = threading.Lock()

    def wait(self, answers: select.poll, patience: float | None) -> bool:
        """Waits for an answer as long as the patience in seconds allows. False where there is no place to go on."""
        if self.places is None or patience is None:
            return True
        seconds = min(patience, LONG_SECONDS if self.taken < self.places else SHORT_SECONDS)
        if answers.poll(seconds * 1000) or seconds == patience:
            return True
        if not self.take(self.places):
            return False
        try:
            answers.poll((patience - seconds) * 1000)
            return True
        finally:
            with self.lock:
                self.taken -= 1

    def take(self, places: int) -> bool:
        with self.lock:
            if self.taken >= places:
                return False
            self.taken += 1
            return True


long_waits = LongWaits()
