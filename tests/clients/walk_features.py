"""Walks filters, pages, conditions, keys and bulk writes with the generated client, and prints what came back."""

import json
import re
import sys
from typing import Any, TypeVar, assert_type

from task_client import Client
from task_client.api.tasks import (
    complete_tasks,
    create_task,
    create_tasks,
    delete_task,
    delete_tasks,
    get_task,
    list_tasks,
    toggle_task_complete,
    update_task,
)
from task_client.models import (
    Deleted,
    ListTasksSort,
    Task,
    TaskBatch,
    TaskCompletion,
    TaskCreate,
    TaskState,
    TaskUpdate,
    Updated,
)
from task_client.types import Response

T = TypeVar("T")
steps: dict[str, list[Any]] = {}


def note(name: str, response: Response[T]) -> T | None:
    body = json.loads(response.content) if response.content else None
    steps[name] = [response.status_code, body, dict(response.headers)]
    return response.parsed


def tag_of(name: str) -> str:
    return str(steps[name][2]["etag"])


def next_cursor(name: str) -> str:
    [cursor] = re.findall(r'[?&]cursor=([^&>]+)>; rel="next"', steps[name][2]["link"])
    return str(cursor)


def walk(client: Client, user_id: str) -> None:
    create(client, user_id)
    read(client, user_id)
    change(client, user_id)


def create(client: Client, user_id: str) -> None:
    milk = TaskCreate(title="Buy milk")
    for name in ("createTask", "replayed"):
        note(name, create_task.sync_detailed(user_id, client=client, body=milk, idempotency_key="walk-1"))
    tea = TaskCreate(title="Buy tea")
    note("reused", create_task.sync_detailed(user_id, client=client, body=tea, idempotency_key="walk-1"))
    batch = TaskBatch(tasks=[TaskCreate(title="Buy bread"), TaskCreate(title="Call Ada")])
    made = note("createTasks", create_tasks.sync_detailed(user_id, client=client, body=batch))
    assert isinstance(made, list)
    assert_type(made, list[Task])
    batch.tasks[1].title = " "
    note("invalid", create_tasks.sync_detailed(user_id, client=client, body=batch))


def read(client: Client, user_id: str) -> None:
    bought = note("filtered", list_tasks.sync_detailed(user_id, client=client, q="BUY", is_completed=False))
    assert isinstance(bought, list)
    unchanged = list_tasks.sync_detailed(
        user_id, client=client, q="BUY", is_completed=False, if_none_match=tag_of("filtered")
    )
    note("unchangedList", unchanged)
    newest = ListTasksSort.CREATED_AT_DESCENDING
    note("firstPage", list_tasks.sync_detailed(user_id, client=client, sort=newest, limit=2))
    cursor = next_cursor("firstPage")
    note("lastPage", list_tasks.sync_detailed(user_id, client=client, sort=newest, limit=2, cursor=cursor))
    one = (user_id, bought[0].id)
    note("getTask", get_task.sync_detailed(*one, client=client))
    note("unchanged", get_task.sync_detailed(*one, client=client, if_none_match=tag_of("getTask")))


def change(client: Client, user_id: str) -> None:
    milk = (user_id, steps["getTask"][1]["id"])
    ada = (user_id, steps["createTasks"][1][1]["id"])
    seen = tag_of("getTask")
    oat = TaskUpdate(title="Buy oat milk")
    note("updateTask", update_task.sync_detailed(*milk, client=client, body=oat, if_match=seen))
    note("conflict", update_task.sync_detailed(*milk, client=client, body=oat, if_match=seen))
    done = TaskCompletion(is_completed=True)
    current = tag_of("conflict")
    note("toggleTaskComplete", toggle_task_complete.sync_detailed(*milk, client=client, body=done, if_match=current))
    every = TaskState(is_completed=True)
    updated = note("completeTasks", complete_tasks.sync_detailed(user_id, client=client, body=every, q="buy"))
    assert isinstance(updated, Updated)
    assert_type(updated.updated, int)
    note("deleteTask", delete_task.sync_detailed(*ada, client=client, if_match="*"))
    note("noFilter", delete_tasks.sync_detailed(user_id, client=client))
    deleted = note("deleteTasks", delete_tasks.sync_detailed(user_id, client=client, is_completed=True))
    assert isinstance(deleted, Deleted)
    assert_type(deleted.deleted, int)
    note("empty", list_tasks.sync_detailed(user_id, client=client))


if __name__ == "__main__":
    url, user_id = sys.argv[1:]
    with Client(base_url=url) as client:
        walk(client, user_id)
    print(json.dumps(steps))
