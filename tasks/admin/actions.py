"""The admin's actions on many tasks at once. Its history records all of them but the exports."""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from tasks.bulk.amounts import amount
from tasks.bulk.locking import locked_rows
from tasks.expressions import next_updated_at
from tasks.interchange import jsonl, spreadsheet
from tasks.models import Task
from tasks.statements import FIELDS
from todo_project.database.statements import Row
from todo_project.database.whole import execute_whole

# Each id is a parameter of one statement, and SQLite takes 32,766 of them.
BATCH_SIZE = 1_000
# Not all of `interchange.formats`: the library for calendars takes a tenth of a second to import, in each process.
WRITERS = {"jsonl": jsonl.write, "csv": spreadsheet.write}
CONTENT_TYPES = {"jsonl": "application/jsonl; charset=utf-8", "csv": "text/csv; charset=utf-8"}
# The commands that do the same with a list that the page has not counted.
COMMANDS = {
    "mark_completed": "export_tasks --open, and import_tasks --on-conflict update with the changed file",
    "mark_open": "export_tasks --completed, and import_tasks --on-conflict update with the changed file",
    "export_jsonl": "export_tasks --format jsonl",
    "export_csv": "export_tasks --format csv",
    "delete_selected": "purge_tasks, or erase_user for everything of one user",
}


@admin.action(description="Mark the selected tasks completed", permissions=["change"])
def mark_completed(task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]") -> None:
    set_state(task_admin, request, tasks, is_completed=True)


@admin.action(description="Mark the selected tasks open", permissions=["change"])
def mark_open(task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]") -> None:
    set_state(task_admin, request, tasks, is_completed=False)


def set_state(
    task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]", *, is_completed: bool
) -> None:
    def set_all() -> list[Task]:
        changed = [task for task in lock(tasks) if task.is_completed is not is_completed]
        Task.objects.filter(id__in=[task.id for task in changed]).update(
            is_completed=is_completed, updated_at=next_updated_at(timezone.now())
        )
        record(request, changed, CHANGE, [{"changed": {"fields": ["Completed"]}}])
        return changed

    changed = execute_whole(set_all)
    state = "completed" if is_completed else "open"
    task_admin.message_user(request, f"{amount(len(changed))} marked {state}.")


@admin.action(description="Export the selected tasks as JSON Lines", permissions=["view"])
def export_jsonl(
    task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]"
) -> HttpResponseBase:
    return download(tasks, "jsonl")


@admin.action(description="Export the selected tasks as CSV", permissions=["view"])
def export_csv(task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]") -> HttpResponseBase:
    return download(tasks, "csv")


def download(tasks: "QuerySet[Task]", format: str) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="tasks.{format}"', "Cache-Control": "private, no-store"}
    chunks = WRITERS[format](rows(tasks))
    return StreamingHttpResponse(chunks, content_type=CONTENT_TYPES[format], headers=headers)


def rows(tasks: "QuerySet[Task]") -> Iterator[list[Row]]:
    """The tasks a batch at a time, read while they are sent: memory does not hold all of them."""
    ids = list(tasks.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), BATCH_SIZE):
        batch = Task.objects.filter(id__in=ids[start : start + BATCH_SIZE])
        yield list(batch.order_by("id").values(*FIELDS))


@admin.action(description="Delete the selected tasks", permissions=["delete"])
def delete_selected(
    task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]"
) -> HttpResponseBase | None:
    """Asks first, with the number of tasks. Django's own page would name each of them."""
    if "post" not in request.POST:
        return TemplateResponse(request, "admin/tasks/task/delete_tasks.html", confirmation(task_admin, request, tasks))

    def delete_all() -> list[Task]:
        deleted = lock(tasks)
        record(request, deleted, DELETION, "")
        Task.objects.filter(id__in=[task.id for task in deleted]).delete()
        return deleted

    deleted = execute_whole(delete_all)
    task_admin.message_user(request, f"{amount(len(deleted))} deleted.", messages.SUCCESS)
    return None


def confirmation(task_admin: "admin.ModelAdmin[Task]", request: HttpRequest, tasks: "QuerySet[Task]") -> dict[str, Any]:
    count = tasks.count()
    return {
        **task_admin.admin_site.each_context(request),
        "title": f"Delete {amount(count)}?",
        "amount": amount(count),
        "opts": task_admin.opts,
        "media": task_admin.media,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "hidden": {name: request.POST[name] for name in ("select_across", "seal") if name in request.POST},
    }


def lock(tasks: "QuerySet[Task]") -> list[Task]:
    return [Task(**row) for row in locked_rows(tasks)]


def record(request: HttpRequest, tasks: list[Task], flag: int, message: Any) -> None:
    user_id = cast(int, request.user.pk)
    for start in range(0, len(tasks), BATCH_SIZE):
        LogEntry.objects.log_actions(user_id, tasks[start : start + BATCH_SIZE], flag, message)
