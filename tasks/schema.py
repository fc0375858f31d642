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
from todo_project.api.schema import ERRORS, query_parameter
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


def header(name: str, description: str, example: str, **rest: Any) -> OpenApiParameter:
    examples = [OpenApiExample("An example", example)]
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, examples=examples, **rest)


A_TAG = '"2026-01-31T12:00:00.123456Z"'
IF_MATCH = header(
    "If-Match", "The task is written only if this is its entity tag: its `updated_at` in double quotes.", A_TAG
)
IF_NONE_MATCH = header("If-None-Match", "304 without a body is the answer if this is still the `ETag`.", A_TAG)
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "A key that the client chooses, 1 to 255 visible ASCII characters: sent again with the same body, it gives the "
    "task that is there already. It lives as long as its task.",
    "8e03978e-40d5-43e8-bc93-6894a57f9324",
)
ETAG = header(
    "ETag",
    "The entity tag of the answer; of a task it is its `updated_at`.",
    A_TAG,
    required=True,
    response=[200, 201, 304],
)
LIST_ETAG = header(
    "ETag",
    "The entity tag of the list. One of over 2,000 tasks that was asked for without `limit` has none.",
    '"0123456789abcdef0123456789abcdef"',
    response=[200, 304],
)
CURRENT_ETAG = header("ETag", "The entity tag that the task has now.", A_TAG, response=[412], required=True)
LINK = header(
    "Link",
    "Where there are more tasks than `limit`: the address of the next page.",
    '</api/user-42/tasks?limit=50&cursor=AAAA>; rel="next"',
    response=[200],
)
REPLAYED = header(
    "Idempotency-Replayed", "`true` where the key was there already and nothing was created.", "true", response=[201]
)
A_NEW_TASK = OpenApiExample(
    "A new task", {"title": "Buy milk", "description": "Two litres", "is_completed": False}, request_only=True
)
NEW_TASKS = OpenApiExample("Two new tasks", {"tasks": [{"title": "Buy milk"}, {"title": "Bake"}]}, request_only=True)
TASK_CONDITIONS = [IF_MATCH, CURRENT_ETAG]
LIST_QUERY = [query_parameter(parameter) for parameter in LIST_PARAMETERS]
FILTER_QUERY = [query_parameter(parameter) for parameter in FILTER_PARAMETERS]

EVERYWHERE = {code: ERRORS[code] for code in (400, 401, 413, 422, 500, 503)}
OF_ONE_TASK = EVERYWHERE | {404: ERRORS[404]}
OF_A_BODY = {415: ERRORS[415]}
OF_A_CONDITION = {412: ERRORS[412]}
NOT_MODIFIED = {304: OpenApiResponse(None, "The client has this already")}
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
        "All tasks of the user, oldest first, or those that the query leaves, in its order.",
        EVERYWHERE | NOT_MODIFIED | {200: OpenApiResponse(TaskSerializer(many=True), "The tasks")},
        parameters=[USER_ID, *LIST_QUERY, IF_NONE_MATCH, LIST_ETAG, LINK],
    ),
    create=operation(
        "createTask",
        "Create a task",
        "The service chooses the id and the times.",
        EVERYWHERE
        | OF_A_BODY
        | {201: OpenApiResponse(TaskSerializer, "The new task, or that of the key as it is now")},
        parameters=[USER_ID, IDEMPOTENCY_KEY, LOCATION, ETAG, REPLAYED],
        request=TaskCreateSerializer,
        examples=[A_NEW_TASK],
    ),
    create_many=operation(
        "createTasks",
        "Create several tasks",
        "Up to 100 tasks, all or none.",
        EVERYWHERE | OF_A_BODY | {201: OpenApiResponse(TaskSerializer(many=True), "The new tasks, in the order sent")},
        parameters=[USER_ID, IDEMPOTENCY_KEY, REPLAYED],
        request=TaskBatchSerializer,
        examples=[NEW_TASKS],
    ),
    complete_many=operation(
        "completeTasks",
        "Complete or reopen tasks",
        "Sets the state of all tasks of the user that the filters leave.",
        EVERYWHERE | OF_A_BODY | {200: OpenApiResponse(UpdatedSerializer, "How many were in the other state")},
        parameters=[USER_ID, *FILTER_QUERY],
        request=TaskStateSerializer,
    ),
    destroy_many=operation(
        "deleteTasks",
        "Delete tasks",
        "Deletes all tasks of the user that the filters leave. At least one filter is required.",
        EVERYWHERE | {200: OpenApiResponse(DeletedSerializer, "How many were deleted")},
        parameters=[USER_ID, *FILTER_QUERY],
    ),
    retrieve=operation(
        "getTask",
        "Get a task",
        "A task of another user gives the same 404 as a task that does not exist.",
        OF_ONE_TASK | NOT_MODIFIED | {200: A_TASK},
        parameters=[USER_ID, TASK_ID, IF_NONE_MATCH, ETAG],
    ),
    update=operation(
        "updateTask",
        "Update a task",
        "Members that are left out stay as they are; null clears the description.",
        OF_ONE_TASK | OF_A_BODY | OF_A_CONDITION | {200: A_TASK},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS],
        request=TaskUpdateSerializer,
    ),
    destroy=operation(
        "deleteTask",
        "Delete a task",
        "A deleted task cannot be restored.",
        OF_ONE_TASK | OF_A_CONDITION | {200: OpenApiResponse(MessageSerializer, "The task is deleted")},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS],
    ),
    complete=operation(
        "toggleTaskComplete",
        "Toggle or set a task's completion",
        "Without a body, or with null, the state is flipped. With a body it is set, so a retry is harmless.",
        OF_ONE_TASK | OF_A_BODY | OF_A_CONDITION | {200: A_TASK},
        parameters=[USER_ID, TASK_ID, *TASK_CONDITIONS, ETAG],
        request=TaskCompletionSerializer,
    ),
)
