"""Keys of a URL, fetched in the background by one process for all. No request waits for the provider."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from todo_project.authentication.fetching import FetchError, fetch_keys
from todo_project.authentication.keys import Keys
from todo_project.authentication.shared import Shared, State
from todo_project.authentication.signals import keys_attempted
from todo_project.environment.public_keys import NoUsableKeyError, VerificationKey, read

logger = logging.getLogger(__name__)

# Seconds from one attempt to the next, whichever process makes it.
REFRESH_SECONDS = 300
# After one that failed; and from one that a token of an unknown key asks for to the next such.
SOON_SECONDS = 30
# While there has never been a key: no token can be verified until there is.
FIRST_SECONDS = 5
# How long keys serve while the URL fails.
STALE_SECONDS = 24 * 3600
# How soon a process has the keys that another has fetched.
LOOK_SECONDS = 1


class RemoteKeys:
    def __init__(self, url: str, algorithms: Sequence[str]) -> None:
        self.url = url
        self.algorithms = algorithms
        self.shared = Shared()
        self.keys: Keys | None = None
        # When these keys were fetched.
        self.fetched = 0.0
        # A token has named another key since.
        self.is_unknown_wanted = False
        self.is_wanted = threading.Event()
        self.lock = threading.RLock()
        # The process whose thread refreshes this object. A thread does not survive a fork.
        self.process = 0

    def prepare(self) -> None:
        """Fetches once, here and now, so that the first requests find keys."""
        self.refresh()

    def current(self) -> Keys | None:
        if self.process != os.getpid():
            self.start()
        return self.keys

    def start(self) -> None:
        with self.lock:
            if self.process != os.getpid():
                self.look()
                threading.Thread(target=self.run, daemon=True, name="keys").start()
                self.process = os.getpid()

    def look_again(self) -> bool:
        """Wakes the refresher. True where another process has fetched other keys already."""
        before = self.keys
        self.look()
        if self.keys is before:
            self.is_unknown_wanted = True
            self.is_wanted.set()
        return self.keys is not before

    def run(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:
                # The keys that there are go on serving.
                logger.exception("The keys cannot be refreshed")
            self.is_wanted.wait(LOOK_SECONDS)
            self.is_wanted.clear()

    def refresh(self) -> None:
        """Takes over what another process has fetched, and fetches where it is time."""
        self.look()
        with self.shared.locked():
            state, now = self.shared.read(), time.monotonic()
            is_due = self.is_due(state, now)
            if is_due:
                # Written before the attempt, so that no other process makes it too.
                asked = now if self.is_unknown_wanted else state.asked
                self.shared.write(replace(state, attempted=now, asked=asked))
        if is_due:
            self.fetch(state)

    def is_due(self, state: State, now: float) -> bool:
        if not state.attempted or (self.is_unknown_wanted and now - state.asked >= SOON_SECONDS):
            return True
        usual = SOON_SECONDS if state.is_failing else REFRESH_SECONDS
        return now - state.attempted >= (usual if state.fetched else FIRST_SECONDS)

    def fetch(self, before: State) -> None:
        self.is_unknown_wanted = False
        try:
            text, keys = fetch_keys(self.url, self.algorithms)
            if not keys and not before.fetched:
                raise FetchError("its set has no key that may verify")
        except Exception as error:
            # Whatever a provider answers, it ends neither the start nor the refreshing.
            keys_attempted.send(RemoteKeys, is_fetched=False)
            if not before.is_failing:
                why = error if isinstance(error, FetchError) else type(error).__name__
                logger.error("The keys of AUTH_JWKS_URL cannot be fetched: %s", why)
            self.shared.change(is_failing=True)
            return
        keys_attempted.send(RemoteKeys, is_fetched=True)
        if before.is_failing:
            logger.warning("The keys of AUTH_JWKS_URL are fetched again")
        self.shared.change(text, fetched=time.monotonic(), is_failing=False)
        self.look()

    def look(self) -> None:
        """Makes the shared keys those of this process, unless they are already."""
        with self.lock:
            with self.shared.locked():
                state = self.shared.read()
                text = self.shared.text() if state.fetched != self.fetched else None
            keys = None if text is None else usable_keys(text, self.algorithms)
            if keys is not None:
                self.is_unknown_wanted = False
                self.take(keys)
                self.fetched = state.fetched
            if self.keys and time.monotonic() - self.fetched > STALE_SECONDS:
                logger.error("The keys of AUTH_JWKS_URL are too old to go on with")
                self.keys = None

    def take(self, keys: list[VerificationKey]) -> None:
        if self.keys is None:
            self.keys = Keys(keys)
        elif keys != self.keys.all:
            self.keys = self.keys.followed_by(keys)


def usable_keys(text: str, algorithms: Sequence[str]) -> list[VerificationKey] | None:
    try:
        return read(text, algorithms)
    except NoUsableKeyError:
        return []
    except ValueError:
        # The process that wrote the text was killed meanwhile. The next attempt writes it anew.
        return None
