"""Walks the six operations and two errors with the generated client, and prints what came back."""

import json
import sys
from datetime import datetime
from typing import Any, TypeVar, assert_type
from uuid import UUID

from task_client import Client
from task_client.api.tasks import create_task, delete_task, get_task, list_tasks, toggle_task_complete, update_task
from task_client.models import ErrorDetail, Invalid, Message, Problem, Task, TaskCompletion, TaskCreate, TaskUpdate
from task_client.types import Response, Unset

T = TypeVar("T")
steps: dict[str, tuple[int, Any]] = {}


def note(name: str, response: Response[T]) -> T:
    steps[name] = (response.status_code, json.loads(response.content))
    assert response.parsed is not None
    return response.parsed


def check_types(task: Task, body: TaskCreate, invalid: Invalid) -> None:
    assert_type(task.id, UUID)
    assert_type(task.user_id, str)
    assert_type(task.title, str)
    assert_type(task.description, str | None)
    assert_type(task.is_completed, bool)
    assert_type(task.created_at, datetime)
    assert_type(task.updated_at, datetime)
    assert_type(body.title, str)
    assert_type(body.description, str | None | Unset)
    assert_type(body.is_completed, bool | Unset)
    assert_type(invalid.detail, list[Problem])
    assert_type(invalid.detail[0].loc, list[int | str])


def without_title() -> TaskCreate:
    return TaskCreate()  # type: ignore[call-arg]  # why: if this is no error, mypy reports the ignore


def walk(client: Client, user_id: str) -> None:
    body = TaskCreate(title="Walk")
    task = note("createTask", create_task.sync_detailed(user_id, client=client, body=body))
    assert isinstance(task, Task)
    one = (user_id, task.id)
    tasks = note("listTasks", list_tasks.sync_detailed(user_id, client=client))
    # Any is the 304, which has no body.
    assert_type(tasks, Any | ErrorDetail | Invalid | list[Task])
    note("getTask", get_task.sync_detailed(*one, client=client))
    changes = TaskUpdate(title="Run", description="")
    note("updateTask", update_task.sync_detailed(*one, client=client, body=changes))
    completed = TaskCompletion(is_completed=True)
    note("toggleTaskComplete", toggle_task_complete.sync_detailed(*one, client=client, body=completed))
    note("retried", toggle_task_complete.sync_detailed(*one, client=client, body=completed))
    note("flipped", toggle_task_complete.sync_detailed(*one, client=client))
    message = note("deleteTask", delete_task.sync_detailed(*one, client=client))
    assert_type(message, ErrorDetail | Invalid | Message)
    gone = note("notFound", get_task.sync_detailed(*one, client=client))
    assert isinstance(gone, ErrorDetail)
    invalid = note("invalid", create_task.sync_detailed(user_id, client=client, body=TaskCreate(title=" ")))
    assert isinstance(invalid, Invalid)
    check_types(task, body, invalid)
    steps["details"] = (2, [gone.detail, [problem.to_dict() for problem in invalid.detail]])


if __name__ == "__main__":
    url, user_id = sys.argv[1:]
    with Client(base_url=url) as client:
        walk(client, user_id)
    print(json.dumps(steps))
