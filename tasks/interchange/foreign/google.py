"""Google Tasks: `Tasks.json` of Google Takeout, and what Google's API lists."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tasks.interchange.foreign.documents import Members, key_of, load, moment_of, objects, text_of
from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut
from tasks.interchange.foreign.words import FURTHER_PAGE, SUBTASK, moment_in_words


def read(file: BinaryIO) -> Found:
    loaded = load(file)
    document = loaded if isinstance(loaded, dict) else {"items": loaded}
    # Takeout has lists of tasks, the API tasks.
    entries = list(objects(document.get("items")))
    is_list = text_of(document, "kind") == "tasks#tasks" or any("status" in entry for entry in entries)
    lists = [document] if is_list else entries
    number = 0
    for task_list in lists:
        tasks = list(with_nested(task_list.get("items")))
        titles = {key_of(task): text_of(task, "title") for task in tasks}
        for task in tasks:
            number += 1
            yield number, LeftOut("deleted task") if task.get("deleted") is True else read_task(task, task_list, titles)
    # The answers of the API end where the next page begins.
    if document.get("nextPageToken"):
        yield number, LeftOut(FURTHER_PAGE)


def with_nested(tasks: Any, parent: str = "") -> Iterator[Members]:
    """The tasks, each with those that stand in it behind it. They name their parents as all subtasks do."""
    for task in objects(tasks):
        yield {"parent": parent, **task}
        yield from with_nested(task.get("items"), key_of(task))


def read_task(task: Members, task_list: Members, titles: dict[str, str]) -> ForeignTask:
    found = ForeignTask(
        key=(key_of(task) or text_of(task, "title"),),
        title=text_of(task, "title"),
        description=text_of(task, "notes"),
        is_completed=text_of(task, "status") == "completed",
        created_at=moment_of(task, "created"),
        updated_at=moment_of(task, "updated"),
        has_unique_key=bool(key_of(task)),
    )
    found.note("list", text_of(task_list, "title"))
    if parent := text_of(task, "parent"):
        found.note(SUBTASK, titles.get(parent) or parent)
    # Google has a time here, and it is always midnight.
    found.note("due date", text_of(task, "due")[:10])
    found.note("completion time", moment_in_words(moment_of(task, "completed")))
    found.note("repetition", text_of(task, "task_recurrence_id"))
    found.note("star", "yes" if task.get("starred") is True else None)
    for link in objects(task.get("links")):
        found.note("link", " ".join(filter(None, [text_of(link, "description"), text_of(link, "link")])))
    return found
