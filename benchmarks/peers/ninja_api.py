"""As in the documentation of Django Ninja: a schema for input, one for output, and the ORM in between.

The filter is a FilterSchema, and pages are limit and offset by a pagination class without a count. A conditional PUT
compares the tag of the task that the view has read.
"""

from typing import Annotated
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.urls import path
from ninja import Field, FilterSchema, Header, ModelSchema, NinjaAPI, Path, Query, Schema
from ninja.errors import HttpError
from ninja.pagination import PaginationBase, paginate
from ninja.renderers import BaseRenderer
from pydantic import StrictBool, StringConstraints

from benchmarks.peers.django_models import Task


class ORJSONRenderer(BaseRenderer):
    """From Django Ninja's documentation. The default renderer would cut times to milliseconds."""

    media_type = "application/json"

    def render(self, request, data, *, response_status):
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


api = NinjaAPI(renderer=ORJSONRenderer())

UserId = Annotated[str, Path(min_length=1, max_length=255)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Description = Annotated[str, StringConstraints(max_length=5_000)]


class TaskCreate(Schema):
    title: Title
    description: Description | None = None
    is_completed: StrictBool = False


class TaskUpdate(Schema):
    title: Title = ""
    description: Description | None = None
    is_completed: StrictBool = False


class TaskCompletion(Schema):
    is_completed: StrictBool | None = None


class TaskRead(ModelSchema):
    class Meta:
        model = Task
        fields = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]


class TaskFilter(FilterSchema):
    is_completed: bool | None = None


class TaskPagination(PaginationBase):
    class Input(Schema):
        limit: int | None = Field(None, ge=1, le=1_000)
        offset: int = Field(0, ge=0)

    # The answer is the list itself.
    Output = None

    def paginate_queryset(self, queryset, pagination, **params):
        if pagination.limit is None:
            return queryset[pagination.offset :]
        return queryset[pagination.offset : pagination.offset + pagination.limit]


class Message(Schema):
    message: str


def find(user_id, task_id):
    try:
        return Task.objects.get(user_id=user_id, id=UUID(task_id))
    except (ValueError, Task.DoesNotExist):
        raise HttpError(404, "Task not found") from None


@api.get("/{user_id}/tasks", response=list[TaskRead])
@paginate(TaskPagination)
def list_tasks(request, user_id: UserId, filters: Query[TaskFilter]):
    return filters.filter(Task.objects.filter(user_id=user_id))


@api.post("/{user_id}/tasks", response={201: TaskRead})
def create_task(request, user_id: UserId, body: TaskCreate, response: HttpResponse):
    task = Task.objects.create(user_id=user_id, **body.dict())
    response["Location"] = f"/api/{user_id}/tasks/{task.id}"
    return 201, task


@api.get("/{user_id}/tasks/{task_id}", response=TaskRead)
def get_task(request, user_id: UserId, task_id: str, response: HttpResponse):
    task = find(user_id, task_id)
    response["ETag"] = task.tag
    return task


@api.put("/{user_id}/tasks/{task_id}", response=TaskRead)
def update_task(request, user_id: UserId, task_id: str, body: TaskUpdate, if_match: Header[str | None] = None):
    task = find(user_id, task_id)
    if not task.matches(if_match):
        raise HttpError(412, "The task has changed")
    for name, value in body.dict(exclude_unset=True).items():
        setattr(task, name, value)
    task.save()
    return task


@api.delete("/{user_id}/tasks/{task_id}", response=Message)
def delete_task(request, user_id: UserId, task_id: str):
    find(user_id, task_id).delete()
    return {"message": "Task deleted successfully"}


@api.patch("/{user_id}/tasks/{task_id}/complete", response=TaskRead)
def toggle_task_complete(request, user_id: UserId, task_id: str, body: TaskCompletion | None = None):
    task = find(user_id, task_id)
    wanted = body.is_completed if body else None
    task.is_completed = not task.is_completed if wanted is None else wanted
    task.save()
    return task


urlpatterns = [path("api/", api.urls)]
