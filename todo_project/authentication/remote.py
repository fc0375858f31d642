"""Keys of a URL, fetched in the background by one process for all. No request waits for the provider."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from todo_project.authentication.fetching import FetchError, fetch_keys
from todo_project.authentication.keys import Keys
from todo_project.authentication.shared import SharedState, State
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
        self.shared = SharedState()
        self.keys: Keys | None = None
        # When these keys were fetched, and whether a token has named another key since.
        self.fetched = 0.0
        self.is_unknown_wanted = False
        self.is_wanted = threading.Event()
        self.lock = threading.Lock()
        # The process that this object refreshes in. A thread does not survive a fork.
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
            if self.process == os.getpid():
                return
            self.adopt(*self.shared.read())
            threading.Thread(target=self.run, daemon=True, name="keys").start()
            self.process = os.getpid()

    def look_again(self) -> bool:
        """Wakes the refresher. True where another process has fetched other keys already."""
        before = self.keys
        self.adopt(*self.shared.read())
        if self.keys is before:
            self.is_unknown_wanted = True
            self.is_wanted.set()
        return self.keys is not before

    def run(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:
                # A full disk, for one. The keys that there are go on serving.
                logger.exception("The keys cannot be refreshed")
            self.is_wanted.wait(LOOK_SECONDS)
            self.is_wanted.clear()

    def refresh(self) -> None:
        """Takes over what another process has fetched, and fetches where it is time."""
        with self.shared.locked():
            state, text = self.shared.read_locked()
            now = time.monotonic()
            is_asked = self.is_unknown_wanted and now - state.asked >= SOON_SECONDS
            is_due = is_asked or not state.attempted or now - state.attempted >= self.pause(state)
            if is_due:
                # Written before the attempt, so that no other process makes it too.
                asked = now if self.is_unknown_wanted else state.asked
                self.shared.write_locked(replace(state, attempted=now, asked=asked), text)
        self.adopt(state, text)
        if is_due:
            self.fetch(state)

    def pause(self, state: State) -> float:
        if not state.fetched:
            return FIRST_SECONDS
        return SOON_SECONDS if state.is_failing else REFRESH_SECONDS

    def fetch(self, state: State) -> None:
        self.is_unknown_wanted = False
        try:
            text, keys = fetch_keys(self.url, self.algorithms)
            if not keys and not state.fetched:
                raise FetchError("its set has no key that may verify")
        except FetchError as error:
            keys_attempted.send(RemoteKeys, is_fetched=False)
            if not state.is_failing:
                logger.error("The keys of AUTH_JWKS_URL cannot be fetched: %s", error)
            self.shared.update(is_failing=True)
            return
        keys_attempted.send(RemoteKeys, is_fetched=True)
        if state.is_failing:
            logger.warning("The keys of AUTH_JWKS_URL are fetched again")
        self.shared.update(text, fetched=time.monotonic(), is_failing=False)
        self.adopt(*self.shared.read())

    def adopt(self, state: State, text: str) -> None:
        """Makes the shared keys those of this process, unless they are already."""
        if state.fetched and time.monotonic() - state.fetched > STALE_SECONDS:
            if self.keys:
                logger.error("The keys of AUTH_JWKS_URL are too old to go on with")
            self.keys = None
        elif state.fetched != self.fetched:
            self.is_unknown_wanted = False
            keys = usable_keys(text, self.algorithms)
            if self.keys is None or keys != self.keys.all:
                self.keys = self.keys.followed_by(keys) if self.keys else Keys(keys)
            self.fetched = state.fetched


def usable_keys(text: str, algorithms: Sequence[str]) -> list[VerificationKey]:
    try:
        return read(text, algorithms)
    except NoUsableKeyError:
        return []
