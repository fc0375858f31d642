"""Idempotency keys: what a client sends with a create so that it can send it again."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from todo_project.api.renderers import dumps
from todo_project.database.statements import Row

DIGEST_BYTES = 16
DEFAULTS = {"description": None, "is_completed": False}


class Key(NamedTuple):
    """An idempotency key, and the digest of the body that came with it."""

    name: str
    digest: str

    def columns(self, number: int) -> Row:
        """Those of the task with that number in the body. A space is in no client's key."""
        name = f"{self.name} {number}" if number else self.name
        return {"idempotency_key": name, "idempotency_digest": self.digest}


class KeyIsTakenError(Exception):
    """The key belongs to a task that was made of another body."""


def digest_of(body: Mapping[str, Any]) -> str:
    """A digest of a body as validated. Members that were left out count as their defaults."""
    if "tasks" in body:
        content: Any = [with_defaults(each) for each in body["tasks"]]
    else:
        content = with_defaults(body)
    return hashlib.blake2b(dumps(content), digest_size=DIGEST_BYTES).hexdigest()


def with_defaults(body: Mapping[str, Any]) -> dict[str, Any]:
    members = {**DEFAULTS, **body}
    return {name: members[name] for name in sorted(members)}
