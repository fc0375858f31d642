"""Titles and descriptions of other programs, brought within the limits of ours. Nothing is cut in silence."""

from typing import NamedTuple

from tasks.interchange.foreign.found import ForeignTask
from tasks.models import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH
from todo_project.api.fields import trimmed

ELLIPSIS = "…"


class Cut(NamedTuple):
    sentence: str
    is_lost: bool


def fitted(task: ForeignTask, notes: str) -> tuple[str, str | None, list[Cut]]:
    """The title, the description with the notes at its end, and what was cut.

    A task without a title has the first line of its description for one. A title that is too long goes on in the
    description, which has it in full.
    """
    title, description = trimmed(task.title), task.description
    cuts = []
    if not title:
        title, _, rest = trimmed(description or "").partition("\n")
        title, description = trimmed(title), trimmed(rest)
    if len(title) > TITLE_MAX_LENGTH:
        cuts.append(Cut(f"The title has {len(title):,} characters; the description has it in full", is_lost=False))
        description = "\n\n".join(filter(None, [title, description]))
        title = cut(title, TITLE_MAX_LENGTH)
    if notes:
        description = "\n\n".join(filter(None, [description, notes]))
    if description and len(description) > DESCRIPTION_MAX_LENGTH:
        lost = f"the rest after {DESCRIPTION_MAX_LENGTH:,} was left out"
        cuts.append(Cut(f"The description has {len(description):,} characters; {lost}", is_lost=True))
        description = cut(description, DESCRIPTION_MAX_LENGTH)
    return title, description if task.id else description or None, cuts


def cut(text: str, length: int) -> str:
    return trimmed(text[: length - len(ELLIPSIS)]) + ELLIPSIS
