"""Microsoft To Do: the JSON that Microsoft Graph gives, of tasks, or of lists with `$expand=tasks`."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from tasks.interchange.foreign.documents import Members, key_of, load, moment_of, objects, text_of
from tasks.interchange.foreign.found import ForeignTask, Found, LeftOut
from tasks.interchange.foreign.markup import text_of as text_of_markup
from tasks.interchange.foreign.words import FURTHER_PAGE, LIST_ALONE, SUBTASK, moment_in_words

STATUSES = {"inProgress": "in progress", "waitingOnOthers": "waiting on others", "deferred": "deferred"}


def read(file: BinaryIO) -> Found:
    yield from enumerate(all_found(load(file)), 1)


def all_found(document: Any) -> Iterator[ForeignTask | LeftOut]:
    for page in [document] if isinstance(document, dict) else objects(document):
        entries = list(objects(page.get("value"))) if "value" in page else [page]
        for entry in entries:
            if "wellknownListName" in entry and "tasks" not in entry:
                yield LeftOut(LIST_ALONE)
            elif "tasks" in entry:
                for task in objects(entry.get("tasks")):
                    yield from tasks_of(task, text_of(entry, "displayName"))
                yield from further_pages(entry, "tasks@odata.nextLink")
            else:
                yield from tasks_of(entry, "")
        yield from further_pages(page, "@odata.nextLink")


def further_pages(page: Members, name: str) -> Iterator[LeftOut]:
    if page.get(name):
        yield LeftOut(FURTHER_PAGE)


def tasks_of(task: Members, list_name: str) -> Iterator[ForeignTask]:
    """The task, and the items of its checklist as tasks of their own."""
    found = read_task(task)
    found.note("list", list_name)
    yield found
    for item in objects(task.get("checklistItems")):
        title = text_of(item, "displayName")
        created_at = moment_of(item, "createdDateTime")
        subtask = ForeignTask((*found.key, key_of(item) or title), title, created_at=created_at)
        subtask.is_completed = item.get("isChecked") is True
        subtask.note(SUBTASK, found.title)
        subtask.note("completion time", moment_in_words(moment_of(item, "checkedDateTime")))
        yield subtask


def read_task(task: Members) -> ForeignTask:
    body = task.get("body")
    content = text_of(body, "content")
    found = ForeignTask(
        key=(key_of(task) or text_of(task, "title"),),
        title=text_of(task, "title"),
        description=text_of_markup(content) if text_of(body, "contentType") == "html" else content,
        is_completed=text_of(task, "status") == "completed",
        created_at=moment_of(task, "createdDateTime"),
        updated_at=moment_of(task, "lastModifiedDateTime"),
        has_unique_key=bool(key_of(task)),
    )
    add_notes(found, task)
    return found


def add_notes(found: ForeignTask, task: Members) -> None:
    found.note("due date", local_time(task.get("dueDateTime"))[:10])
    found.note("start date", local_time(task.get("startDateTime"))[:10])
    found.note("reminder", local_time(task.get("reminderDateTime")) if task.get("isReminderOn") is not False else None)
    found.note("completion time", local_time(task.get("completedDateTime")))
    found.note("status", STATUSES.get(text_of(task, "status")))
    importance = text_of(task, "importance")
    found.note("priority", importance if importance != "normal" else None)
    categories = task.get("categories")
    for category in categories if isinstance(categories, list) else ():
        found.note("label", category if isinstance(category, str) else None)
    if isinstance(task.get("recurrence"), dict):
        found.note("repetition", text_of(task["recurrence"].get("pattern"), "type") or "yes")
    for resource in objects(task.get("linkedResources")):
        found.note("link", text_of(resource, "webUrl") or text_of(resource, "displayName") or "unnamed")
    attachments = [text_of(each, "name") or "unnamed" for each in objects(task.get("attachments"))]
    for name in attachments or (["unnamed"] if task.get("hasAttachments") is True else []):
        found.note("attachment", name)


def local_time(value: Any) -> str:
    """As in `2026-01-31 12:00 UTC`: Graph names the time zone beside the time."""
    moment = text_of(value, "dateTime")[:16].replace("T", " ")
    return f"{moment} {text_of(value, 'timeZone')}".strip()
