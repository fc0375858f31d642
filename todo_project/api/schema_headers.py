"""The headers of the OpenAPI document: conditions, entity tags, pages and keys."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from todo_project.api.idempotency import MAX_LENGTH

TAGS = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'}
KEY = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": r'^([!#-~][!-~]*|"[!#-~][!-~]*")$'}


def header(name: str, description: str, example: str, type: Any = str, **rest: Any) -> OpenApiParameter:
    examples = [OpenApiExample("An example", example)]
    return OpenApiParameter(name, type, OpenApiParameter.HEADER, description=description, examples=examples, **rest)


A_TAG = '"2026-01-31T12:00:00.123456Z"'
A_LATER_TAG = '"2026-01-31T12:05:00.654321Z"'
IF_MATCH = header(
    "If-Match",
    "The task is written only if this is its entity tag: its `updated_at` in double quotes. Several tags stand with "
    "commas between them; `*` is any.",
    A_TAG,
    TAGS,
)
IF_NONE_MATCH = header("If-None-Match", "304 without a body is the answer if this is still the `ETag`.", A_TAG, TAGS)
UNLESS = header(
    "If-None-Match",
    "The task is not written if this is its entity tag; with `*` it never is, since it exists.",
    A_TAG,
    TAGS,
)
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "A key that the client chooses, of visible ASCII characters: sent again with the same body, it gives the task that "
    "is there already; with another body 422. It lives as long as its task.",
    "8e03978e-40d5-43e8-bc93-6894a57f9324",
    KEY,
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
CHANGED_ETAG = header(
    "ETag", "The entity tag of the answer: the `updated_at` of the task.", A_LATER_TAG, response=[200], required=True
)
CURRENT_ETAG = header("ETag", "The entity tag that the task has now.", A_LATER_TAG, response=[412], required=True)
LINK = header(
    "Link",
    "Where there are more tasks than `limit`: the address of the next page.",
    '</api/user-42/tasks?limit=50&cursor=AAAA>; rel="next"',
    response=[200],
)
REPLAYED = header(
    "Idempotency-Replayed",
    "`true` where the key was there already: the answer has the tasks that were made with it. Those of a batch that "
    "were deleted since are made anew.",
    "true",
    response=[201],
)
LOCATION = header(
    "Location",
    "The path of the new task.",
    "/api/user-42/tasks/019c13ec-9e7b-7c2e-9b7d-3f1a2b4c5d6e",
    response=[201],
    required=True,
)
