"""The keys of one moment, and where they come from."""

import threading
from collections.abc import Sequence
from typing import Protocol

from todo_project.environment.public_keys import VerificationKey

MOST_TOKENS = 10_000


class Keys:
    """The keys of one moment, with the tokens that they have verified: where a key goes, its tokens go too."""

    def __init__(self, keys: Sequence[VerificationKey]) -> None:
        self.all = list(keys)
        self.lock = threading.Lock()
        # The subject and the expiry (seconds since 1970) of each token, by its SHA-256: 2.5 MB in a process for UUIDs.
        self.verified: dict[bytes, tuple[str, float]] = {}

    def named(self, kid: str | None) -> list[VerificationKey]:
        """The keys of that id, and those without one. All keys, where the token names none."""
        return [key for key in self.all if kid is None or key.kid in (None, kid)]

    def keep(self, digest: bytes, subject: str, expiry: float) -> None:
        with self.lock:
            if len(self.verified) >= MOST_TOKENS:
                del self.verified[next(iter(self.verified))]
            self.verified[digest] = subject, expiry

    def drop(self, digest: bytes) -> None:
        with self.lock:
            self.verified.pop(digest, None)

    def followed_by(self, keys: Sequence[VerificationKey]) -> "Keys":
        """The next set. It keeps the tokens if it has all keys that this one has."""
        following = Keys(keys)
        if all(key in following.all for key in self.all):
            following.lock, following.verified = self.lock, self.verified
        return following


class KeySource(Protocol):
    def prepare(self) -> None:
        """Called once, before the processes are forked."""

    def current(self) -> Keys | None:
        """The keys to verify with; None where there are none. It never waits."""

    def look_again(self) -> bool:
        """Called for a token that may be of a newer key. Whether there are other keys by now."""


class FixedKeys:
    """The keys of a setting."""

    def __init__(self, keys: Sequence[VerificationKey]) -> None:
        self.keys = Keys(keys)

    def prepare(self) -> None:
        pass

    def current(self) -> Keys:
        return self.keys

    def look_again(self) -> bool:
        return False
