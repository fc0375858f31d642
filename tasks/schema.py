"""Describes the operations in the OpenAPI document, beyond what drf-spectacular reads from the code."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from tasks.parameters import FILTER_PARAMETERS, LIST_PARAMETERS
from tasks.serializers import (
    DeletedSerializer,
    MessageSerializer,
    TaskBatchSerializer,
    TaskCompletionSerializer,
    TaskCreateSerializer,
    TaskSerializer,
    TaskStateSerializer,
    TaskUpdateSerializer,
    UpdatedSerializer,
)
from todo_project.api.schema import ERRORS, answer_example, query_parameter
from todo_project.api.schema_headers import (
    CHANGED_ETAG,
    CURRENT_ETAG,
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LINK,
    LIST_ETAG,
    LOCATION,
    REPLAYED,
    UNLESS,
)
from todo_project.api.user_ids import USER_ID_MAX_LENGTH

# The answers of the examples are what their requests would get.
TASK = {
    "id": "019c13ec-9e7b-7c2e-9b7d-3f1a2b4c5d6e",
    "user_id": "user-42",
    "title": "Buy milk",
    "description": "Two litres",
    "is_completed": False,
    "created_at": "2026-01-31T12:00:00.123456Z",
    "updated_at": "2026-01-31T12:00:00.123456Z",
}
SECOND_TASK = TASK | {"id": "019c13ec-9e7b-7c2e-9b7d-3f1a2b4c5d6f", "title": "Bake a cake", "description": None}
UPDATED_TASK = TASK | {"title": "Buy oat milk", "updated_at": "2026-01-31T12:05:00.654321Z"}
COMPLETED_TASK = TASK | {"is_completed": True, "updated_at": "2026-01-31T12:05:00.654321Z"}
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
TASK_ID = OpenApiParameter(
    "task_id",
    OpenApiTypes.UUID,
    OpenApiParameter.PATH,
    description="The `id` of the task.",
    examples=[OpenApiExample("A task", TASK["id"])],
)
DELETED = {"message": "Task deleted successfully"}
BUY_MILK = {name: TASK[name] for name in ("title", "description", "is_completed")}
A_NEW_TASK = OpenApiExample("A new task", BUY_MILK, request_only=True)
A_CHANGE = OpenApiExample("A new title", {"title": "Buy oat milk"}, request_only=True)
A_STATE = OpenApiExample("Completed", {"is_completed": True}, request_only=True)
# Written as a schema: drf-spectacular takes the example of a serializer for one item of the list.
TASKS = {"type": "array", "items": {"$ref": "#/components/schemas/Task"}}
NEW_TASKS = OpenApiExample("Two new tasks", {"tasks": [BUY_MILK, {"title": "Bake a cake"}]}, request_only=True)
TASK_CONDITIONS = [IF_MATCH, UNLESS, CURRENT_ETAG]
LIST_QUERY = [query_parameter(parameter) for parameter in LIST_PARAMETERS]
FILTER_QUERY = [query_parameter(parameter) for parameter in FILTER_PARAMETERS]

EVERYWHERE = {code: ERRORS[code] for code in (400, 401, 413, 422, 500, 503)}
OF_ONE_TASK = EVERYWHERE | {404: ERRORS[404]}
OF_A_BODY = {415: ERRORS[415]}
OF_A_CONDITION = {412: ERRORS[412]}
NOT_MODIFIED = {304: OpenApiResponse(None, "The client has this already")}


def answer(serializer: Any, description: str, example: Any) -> OpenApiResponse:
    return OpenApiResponse(serializer, description, examples=[answer_example(example)])


def a_task(description: str, example: Any = TASK) -> OpenApiResponse:
    return answer(TaskSerializer, description, example)


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
        "All tasks of the user, oldest first. The query narrows, sorts and pages them.",
        EVERYWHERE | NOT_MODIFIED | {200: answer(TaskSerializer(many=True), "The tasks", TASK)},
        parameters=[USER_ID, *LIST_QUERY, IF_NONE_MATCH, LIST_ETAG, LINK],
    ),
    create=operation(
        "createTask",
        "Create a task",
        "The service chooses the id and the times.",
        EVERYWHERE | OF_A_BODY | {201: a_task("The new task, or that of the key as it is now")},
        parameters=[USER_ID, IDEMPOTENCY_KEY, LOCATION, ETAG, REPLAYED],
        request=TaskCreateSerializer,
        examples=[A_NEW_TASK],
    ),
    create_many=operation(
        "createTasks",
        "Create several tasks",
        "Up to 100 tasks, all or none.",
        EVERYWHERE | OF_A_BODY | {201: answer(TASKS, "The new tasks, in the order sent", [TASK, SECOND_TASK])},
        parameters=[USER_ID, IDEMPOTENCY_KEY, REPLAYED],
        request=TaskBatchSerializer,
        examples=[NEW_TASKS],
    ),
    complete_many=operation(
        "completeTasks",
        "Complete or reopen tasks",
        "Sets the state of the user's tasks that match the filters: without a filter, of all. An unknown name in the "
        "query is refused.",
        EVERYWHERE | OF_A_BODY | {200: answer(UpdatedSerializer, "How many were in the other state", {"updated": 3})},
        parameters=[USER_ID, *FILTER_QUERY],
        request=TaskStateSerializer,
        examples=[A_STATE],
    ),
    destroy_many=operation(
        "deleteTasks",
        "Delete tasks",
        "Deletes the user's tasks that match the filters. At least one filter is required, and an unknown name in the "
        "query is refused.",
        EVERYWHERE | {200: answer(DeletedSerializer, "How many were deleted", {"deleted": 3})},
        parameters=[USER_ID, *FILTER_QUERY],
    ),
    retrieve=operation(
        "getTask",
        "Get a task",
        "A task of another user gives the same 404 as a task that does not exist.",
        OF_ONE_TASK | NOT_MODIFIED | {200: a_task("The task")},
        parameters=[USER_ID, TASK_ID, IF_NONE_MATCH, ETAG],
    ),
    update=operation(
        "updateTask",
        "Update a task",
        "Members that are left out stay as they are; null clears the description.",
        OF_ONE_TASK | OF_A_BODY | OF_A_CONDITION | {200: a_task("The task", UPDATED_TASK)},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS],
        request=TaskUpdateSerializer,
        examples=[A_CHANGE],
    ),
    destroy=operation(
        "deleteTask",
        "Delete a task",
        "A deleted task cannot be restored.",
        OF_ONE_TASK | OF_A_CONDITION | {200: answer(MessageSerializer, "The task is deleted", DELETED)},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS],
    ),
    complete=operation(
        "toggleTaskComplete",
        "Toggle or set a task's completion",
        "Without a body, or with null, the state is flipped. With a body it is set, so a retry is harmless.",
        OF_ONE_TASK | OF_A_BODY | OF_A_CONDITION | {200: a_task("The task", COMPLETED_TASK)},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS, CHANGED_ETAG],
        request=TaskCompletionSerializer,
        examples=[A_STATE],
    ),
)
