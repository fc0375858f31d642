"""A plain model of one user's tasks: what each query answers, and what a write may change.

It shares no code with the service. A task is the dict that the service shows. A query is a dict of the parameters'
texts, and all of them are valid.
"""

import re
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache

RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
# Unicode's property White_Space.
WHITE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
EDGES = re.compile(rf"\A{WHITE}|{WHITE}\Z")
TAG = re.compile(r'(W/)?"([^"]*)"')
# What proxies that compress an answer put behind its tag.
SUFFIXES = ("-gzip", "-br", "-zstd")


# Filters and order


def fold(text):
    return "".join(map(folded, text))


@cache
def folded(character):
    """Unicode's simple case folding, which makes one character of one: ß is not ss."""
    full, lower = character.casefold(), character.lower()
    return full if len(full) == 1 else lower if len(lower) == 1 else character


@cache
def seconds(text):
    """The exact time since the year 1, however many digits its fraction has."""
    day, time, fraction, sign, hours, minutes = RFC_3339.fullmatch(text).groups()
    passed = (datetime.fromisoformat(f"{day}T{time}") - datetime.min) // timedelta(seconds=1)  # noqa: DTZ901 -- naive, as both are
    offset = (int(hours) * 60 + int(minutes)) * 60 * (-1 if sign == "-" else 1) if sign else 0
    return passed - offset + Fraction(f"0{fraction or ''}")


def has_words(task, text):
    texts = [fold(task["title"]), fold(task["description"] or "")]
    return all(any(fold(word) in each for each in texts) for word in re.split(WHITE, text) if word)


FILTERS = {
    "is_completed": lambda task, value: task["is_completed"] is (value == "true"),
    "q": has_words,
    "created_after": lambda task, value: seconds(task["created_at"]) > seconds(value),
    "created_before": lambda task, value: seconds(task["created_at"]) < seconds(value),
    "updated_after": lambda task, value: seconds(task["updated_at"]) > seconds(value),
    "updated_before": lambda task, value: seconds(task["updated_at"]) < seconds(value),
}


def matches(task, query):
    return all(FILTERS[name](task, value) for name, value in query.items() if name in FILTERS)


def in_order(tasks, sort="created_at"):
    by_id = sorted(tasks, key=lambda task: task["id"])
    if sort.endswith("updated_at"):
        by_id.sort(key=lambda task: seconds(task["updated_at"]))
    return by_id[::-1] if sort.startswith("-") else by_id


# Conditions


def tag_of(task):
    return f'"{task["updated_at"]}"'


def allows(task, if_match=None):
    """Whether `If-Match` lets a write of this task happen. The comparison is strong."""
    return if_match in (None, "*") or ("", task["updated_at"]) in TAG.findall(if_match)


def has_current(task, if_none_match):
    """Whether `If-None-Match` names the state of this task. The comparison is weak."""
    opaque = [tag for _, tag in TAG.findall(if_none_match)]
    current = {task["updated_at"] + suffix for suffix in ("", *SUFFIXES)}
    return if_none_match == "*" or any(tag in current for tag in opaque)


# The tasks of one user


def as_validated(body):
    """The members that make a task, with the title trimmed."""
    kept = {name: body[name] for name in ("title", "description", "is_completed") if name in body}
    return kept | ({"title": EDGES.sub("", kept["title"])} if "title" in kept else {})


class AnotherBodyError(Exception):
    """The key made a task that is still there, of another body."""


class Tasks:
    """The tasks of one user, and which key made which of them."""

    def __init__(self):
        self.by_id = {}
        self.made_by = {}

    def listed(self, query):
        return in_order(self.matching(query), query.get("sort", "created_at"))

    def matching(self, query):
        return [task for task in self.by_id.values() if matches(task, query)]

    def pages(self, query):
        """The pages of `limit` tasks each. There is one at least, which may be empty."""
        listed, limit = self.listed(query), int(query["limit"])
        return [listed[start : start + limit] for start in range(0, max(len(listed), 1), limit)]

    def in_the_other_state(self, query, is_completed):
        return [task for task in self.matching(query) if task["is_completed"] is not is_completed]

    def keep(self, *tasks):
        self.by_id.update((task["id"], task) for task in tasks)

    def delete(self, query):
        """Deletes what matches, and gives the number."""
        deleted = self.matching(query)
        for task in deleted:
            del self.by_id[task["id"]]
        return len(deleted)

    def made(self, key, body):
        """What the key made before: for each task that the body asks for the task as it is now, or None."""
        made = [self.made_by.get((key, position)) for position in range(len(body.get("tasks", [body])))]
        alive = {task_id: by for task_id, by in filter(None, made) if task_id in self.by_id}
        if any(by != body for by in alive.values()):
            raise AnotherBodyError
        return [self.by_id[one[0]] if one and one[0] in alive else None for one in made]

    def record(self, key, body, tasks):
        self.made_by.update(((key, position), (task["id"], body)) for position, task in enumerate(tasks))
