"""Makes records of what a foreign file has, as the readers of our own formats give them, and counts the rest."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut, Note
from tasks.interchange.foreign.ids import MOST_PLACES, foreign_id, known_ids, tail_of
from tasks.interchange.foreign.texts import fitted
from tasks.interchange.foreign.words import CUT, EMPTY, SHARED, counted, in_words
from tasks.interchange.lines import Record, UnreadableError
from todo_project.api.fields import trimmed


class Conversion:
    """`warn` takes the number of a task and a sentence on what was cut off it."""

    def __init__(
        self, source: str, user_id: str | None, *, appends_notes: bool, warn: Callable[[int, str], None]
    ) -> None:
        self.source, self.user_id, self.appends_notes, self.warn = source, user_id, appends_notes, warn
        self.noted, self.left_out = Counter[str](), Counter[str]()
        self.shared: set[Note] = set()
        self.titles: dict[int, int] = {}
        self.occurrences = Counter[int]()
        self.known: dict[int, UUID] | None = None
        self.place = 0

    def records(self, found: Found) -> Iterator[Record]:
        """Raises UnreadableError where a task has no owner, and where there are more tasks than places."""
        for number, each in found:
            if isinstance(each, LeftOut):
                self.left_out[each.kind] += 1
            elif not isinstance(each, ForeignTask):
                yield number, each
            elif trimmed(each.title) or trimmed(each.description or ""):
                yield number, self.members(number, each)
            else:
                self.left_out[EMPTY] += 1

    def members(self, number: int, task: ForeignTask) -> dict[str, Any]:
        created_at = task.created_at or task.updated_at
        times = {"created_at": created_at, "updated_at": task.updated_at or created_at}
        title, description = self.texts(number, task)
        return {
            "id": str(task.id or self.id_of(task)),
            "user_id": self.user_id or task.user_id,
            "title": title,
            "description": description,
            "is_completed": task.is_completed,
        } | {name: moment.isoformat() for name, moment in times.items() if moment}

    def texts(self, number: int, task: ForeignTask) -> tuple[str, str | None]:
        self.count(task.notes)
        title, description, cuts = fitted(task, in_words(task.notes) if self.appends_notes else "")
        for cut in cuts:
            self.warn(number, cut.sentence)
            self.left_out[CUT] += cut.is_lost
        return title, description

    def count(self, notes: list[Note]) -> None:
        for note in notes:
            if note.kind not in SHARED:
                self.noted[note.kind] += 1
            elif note not in self.shared:
                self.shared.add(note)
                self.noted[note.kind] += 1

    def id_of(self, task: ForeignTask) -> UUID:
        if self.user_id is None:
            raise UnreadableError("The file names no owner of its tasks: add --user-id ID")
        self.place += 1
        if self.place > MOST_PLACES:
            raise UnreadableError(f"The file has more than {MOST_PLACES:,} tasks: split it")
        if self.known is None:
            self.known = known_ids(self.user_id)
        return foreign_id(self.tail_of(task, self.user_id), task.created_at, self.place, self.known)

    def tail_of(self, task: ForeignTask, user_id: str) -> int:
        """Two tasks of one key have the same tail only if they have the same title: they are one task, twice."""
        tail = tail_of(user_id, self.source, task.key)
        if not task.has_unique_key:
            self.occurrences[tail] += 1
            return tail_of(user_id, self.source, (*task.key, str(self.occurrences[tail])))
        if self.titles.setdefault(tail, hash(task.title)) == hash(task.title):
            return tail
        return tail_of(user_id, self.source, (*task.key, task.title))

    def summary(self) -> str:
        """One line on what has no place here. Empty if there is nothing of that."""
        noted, left_out = counted(dict(self.noted.most_common())), counted(dict(self.left_out.most_common()))
        if self.appends_notes:
            parts = [noted and f"In the descriptions: {noted}.", left_out and f"Not imported: {left_out}."]
        else:
            everything = ", ".join(filter(None, [noted, left_out]))
            parts = [everything and f"Not imported: {everything}."]
            parts += [noted and "With --notes append, descriptions end with what a task had."]
        return " ".join(filter(None, parts))
