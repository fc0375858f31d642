"""What the conditional headers of a request mean for a task: its entity tag is its `updated_at`, as the JSON has it."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tasks.conditions import UNCONDITIONAL, Condition
from todo_project.api.conditions import IF_MATCH, IF_NONE_MATCH, Tags, entity_tag
from todo_project.api.renderers import dumps
from todo_project.api.times import parse_moment

DIGEST_BYTES = 16


def condition_of(headers: Mapping[str, Tags]) -> Condition:
    """The condition of a write. A tag that is no task's leaves a condition that nothing meets."""
    if not headers:
        return UNCONDITIONAL
    match, none_match = headers.get(IF_MATCH), headers.get(IF_NONE_MATCH)
    if none_match and none_match.is_any:
        return Condition(among=())
    among = times_of(match.strong) if match and not match.is_any else None
    besides = times_of(none_match.all_unmarked()) if none_match else None
    return Condition(among, besides or None)


def times_of(tags: Iterable[str]) -> tuple[datetime, ...]:
    """The times that the tags are written of. Another spelling of a time is another tag."""
    times = [(tag, parse_moment(tag[1:-1])) for tag in tags]
    return tuple(time for tag, time in times if time and entity_tag(time) == tag)


def digest_of(body: Any) -> str:
    """A digest of a body as validated. Members that were left out count as their defaults."""
    return hashlib.blake2b(dumps(completed(body)), digest_size=DIGEST_BYTES).hexdigest()


def completed(body: Any) -> Any:
    if "tasks" in body:
        return [completed(each) for each in body["tasks"]]
    return [body["title"], body.get("description"), body.get("is_completed", False)]
