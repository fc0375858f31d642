"""Vikunja: `data.json` in the ZIP of its export, projects with their tasks; older versions have lists in namespaces."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tasks.interchange.foreign.documents import Members, key_of, load, moment_of, objects, text_of
from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut
from tasks.interchange.foreign.markup import is_html
from tasks.interchange.foreign.markup import text_of as text_of_markup
from tasks.interchange.foreign.words import SUBTASK, moment_in_words

TIMES = {"due_date": "due date", "start_date": "start date", "end_date": "end date", "done_at": "completion time"}


def read(file: BinaryIO) -> Found:
    document = load(file)
    yield from enumerate(all_found([document] if isinstance(document, dict) else document), 1)


def all_found(projects: Any) -> Iterator[ForeignTask | LeftOut]:
    for entry in objects(projects):
        if "done" in entry:
            yield read_task(entry, "")
        elif text_of(entry, "description"):
            yield LeftOut("description of a list")
        for task in objects(entry.get("tasks")):
            yield read_task(task, text_of(entry, "title"))
        for name in ("lists", "child_projects"):
            yield from all_found(entry.get(name))


def read_task(task: Members, project: str) -> ForeignTask:
    found = ForeignTask(
        key=(key_of(task) or text_of(task, "title"),),
        title=text_of(task, "title"),
        description=plain(text_of(task, "description")),
        is_completed=task.get("done") is True,
        created_at=moment_of(task, "created"),
        updated_at=moment_of(task, "updated"),
        has_unique_key=bool(key_of(task)),
    )
    found.note("list", project)
    for name, kind in TIMES.items():
        found.note(kind, moment_in_words(moment_of(task, name)))
    add_numbers(found, task)
    add_lists(found, task)
    return found


def plain(text: str) -> str:
    """Newer versions write HTML, older ones Markdown."""
    return text_of_markup(text) if is_html(text) else text


def add_numbers(found: ForeignTask, task: Members) -> None:
    if task.get("priority"):
        found.note("priority", f"{task['priority']} (5 is the highest)")
    if task.get("repeat_after") or task.get("repeat_mode") == 1:
        seconds = task.get("repeat_after")
        found.note("repetition", f"every {seconds} seconds" if seconds else "every month")
    if isinstance(done := task.get("percent_done"), int | float) and done and not found.is_completed:
        found.note("progress", f"{done:.0%}")
    found.note("star", "yes" if task.get("is_favorite") is True else None)
    found.note("colour", text_of(task, "hex_color"))


def add_lists(found: ForeignTask, task: Members) -> None:
    for label in objects(task.get("labels")):
        found.note("label", text_of(label, "title"))
    for user in objects(task.get("assignees")):
        found.note("assignee", text_of(user, "name") or text_of(user, "username"))
    for reminder in objects(task.get("reminders")):
        found.note("reminder", moment_in_words(moment_of(reminder, "reminder")) or "relative to a date")
    for comment in objects(task.get("comments")):
        found.note("comment", plain(text_of(comment, "comment")))
    for attachment in objects(task.get("attachments")):
        found.note("attachment", text_of(attachment.get("file"), "name") or "unnamed")
    related = task.get("related_tasks")
    for kind, others in related.items() if isinstance(related, dict) else ():
        for other in objects(others):
            # A task has its subtasks listed here too, and each of those names its parent.
            if kind == "parenttask":
                found.note(SUBTASK, text_of(other, "title"))
            elif kind != "subtask":
                found.note("relation", f"{kind}: {text_of(other, 'title')}")
