"""Describes the six operations in the OpenAPI document, beyond what drf-spectacular reads from the code."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from tasks.serializers import (
    MessageSerializer,
    TaskCompletionSerializer,
    TaskCreateSerializer,
    TaskSerializer,
    TaskUpdateSerializer,
)
from todo_project.api.schema import ERRORS
from todo_project.api.user_ids import USER_ID_MAX_LENGTH

USER_ID = OpenApiParameter(
    "user_id",
    {
        "type": "string",
        "minLength": 1,
        "maxLength": USER_ID_MAX_LENGTH,
        "pattern": r"^[^\/\x00-\x1f\x7f-\x9f]+$",
    },
    OpenApiParameter.PATH,
    description="The owner of the tasks: opaque and case sensitive. Users are not registered.",
    examples=[OpenApiExample("A user", "user-42")],
)
TASK_ID = OpenApiParameter("task_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the task.")
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[201], required=True, description="The path of the new task."
)
A_NEW_TASK = OpenApiExample(
    "A new task", {"title": "Buy milk", "description": "Two litres", "is_completed": False}, request_only=True
)

EVERYWHERE = {code: ERRORS[code] for code in (400, 401, 413, 422, 500, 503)}
OF_ONE_TASK = EVERYWHERE | {404: ERRORS[404]}
OF_A_BODY = {415: ERRORS[415]}
A_TASK = OpenApiResponse(TaskSerializer, "The task")


def operation(name: str, summary: str, description: str, responses: dict[int, Any], **rest: Any) -> Any:
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        responses=dict(sorted(responses.items())),
        tags=["tasks"],
        **rest,
    )


describe_tasks = extend_schema_view(
    list=operation(
        "listTasks",
        "List tasks",
        "All tasks of the user, oldest first.",
        EVERYWHERE | {200: OpenApiResponse(TaskSerializer(many=True), "The user's tasks")},
        parameters=[USER_ID],
    ),
    create=operation(
        "createTask",
        "Create a task",
        "The service chooses the id and the times.",
        EVERYWHERE | OF_A_BODY | {201: OpenApiResponse(TaskSerializer, "The new task")},
        parameters=[USER_ID, LOCATION],
        request=TaskCreateSerializer,
        examples=[A_NEW_TASK],
    ),
    retrieve=operation(
        "getTask",
        "Get a task",
        "A task of another user gives the same 404 as a task that does not exist.",
        OF_ONE_TASK | {200: A_TASK},
        parameters=[USER_ID, TASK_ID],
    ),
    update=operation(
        "updateTask",
        "Update a task",
        "Members that are left out stay as they are; null clears the description.",
        OF_ONE_TASK | OF_A_BODY | {200: A_TASK},
        parameters=[USER_ID, TASK_ID],
        request=TaskUpdateSerializer,
    ),
    destroy=operation(
        "deleteTask",
        "Delete a task",
        "A deleted task cannot be restored.",
        OF_ONE_TASK | {200: OpenApiResponse(MessageSerializer, "The task is deleted")},
        parameters=[USER_ID, TASK_ID],
    ),
    complete=operation(
        "toggleTaskComplete",
        "Toggle or set a task's completion",
        "Without a body, or with null, the state is flipped. With a body it is set, so a retry is harmless.",
        OF_ONE_TASK | OF_A_BODY | {200: A_TASK},
        parameters=[USER_ID, TASK_ID],
        request=TaskCompletionSerializer,
    ),
)
