"""The words for what has no place here: in the sentence at the end, and in descriptions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from tasks.interchange.foreign.found import Note
from tasks.interchange.serializers import UNSTORABLE

PLURALS = {
    "priority": "priorities",
    "repetition": "repetitions",
    "status": "statuses",
    "progress": "progress values",
    "place on the map": "places on the map",
    "comment on the project": "comments on the project",
    "description of a list": "descriptions of lists",
    "subtask (now a task of its own)": "subtasks (now tasks of their own)",
    "label (still a word of the title)": "labels (still words of the titles)",
    "task without a title or text": "tasks without a title or text",
    "further page (the file links to it)": "further pages (the file links to them)",
    "list without its tasks": "lists without their tasks",
    "journal entry": "journal entries",
    "end of a long description": "ends of long descriptions",
}
SUBTASK = "subtask (now a task of its own)"
LABEL_IN_TITLE = "label (still a word of the title)"
EMPTY = "task without a title or text"
FURTHER_PAGE = "further page (the file links to it)"
LIST_ALONE = "list without its tasks"
CUT = "end of a long description"
HEADINGS = {SUBTASK: "Subtask of"}
# Each of these counts once, however many tasks it is the list of.
SHARED = ("list", "section")


def counted(counts: Mapping[str, int]) -> str:
    """As in `12 due dates, 3 labels`."""
    return ", ".join(f"{count:,} {kind if count == 1 else plural(kind)}" for kind, count in counts.items())


def plural(kind: str) -> str:
    return PLURALS.get(kind, f"{kind}s")


def in_words(notes: Iterable[Note]) -> str:
    """One line a note, as in `Due date: 2026-01-31`; those of the same kind in one, where they are short.

    A character that no task can hold becomes U+FFFD: a bad note ends no task.
    """
    texts: dict[str, list[str]] = {}
    for kind, text in notes:
        if kind != LABEL_IN_TITLE:
            texts.setdefault(kind, []).append(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text))
    return "\n".join(line for kind, these in texts.items() for line in lines_of(kind, these))


def lines_of(kind: str, texts: list[str]) -> list[str]:
    if kind in HEADINGS or len(texts) == 1 or any(len(text) > 40 or "\n" in text for text in texts):
        return [f"{HEADINGS.get(kind, kind.capitalize())}: {text}" for text in texts]
    return [f"{plural(kind).capitalize()}: {', '.join(texts)}"]


def moment_in_words(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC).isoformat(' ')[:16]} UTC" if moment else None
