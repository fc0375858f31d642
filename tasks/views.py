from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from tasks.conditions import TaskHasChangedError, condition_of
from tasks.cursors import encode_cursor, position_of_cursor
from tasks.filters import DEFAULT_SORT, Position
from tasks.identifiers import parse_uuid
from tasks.keys import Key, KeyIsTakenError, digest_of
from tasks.models import Task
from tasks.parameters import FILTER_PARAMETERS, LIST_PARAMETERS
from tasks.querysets import TaskQuerySet
from tasks.schema import describe_tasks
from tasks.serializers import (
    TaskBatchSerializer,
    TaskCompletionSerializer,
    TaskCreateSerializer,
    TaskStateSerializer,
    TaskUpdateSerializer,
)
from todo_project.api.conditions import (
    IF_MATCH,
    IF_NONE_MATCH,
    PreconditionFailed,
    conditional_response,
    entity_tag,
    not_modified,
)
from todo_project.api.idempotency import key_problem
from todo_project.api.problems import Invalid, problem
from todo_project.api.query import QueryParameter, UnreadableError, pairs_of
from todo_project.api.renderers import JSONResponse, list_response, render_items
from todo_project.api.user_ids import user_id_problems
from todo_project.api.viewsets import DeclaredViewSet
from todo_project.authentication.permissions import ME, user_id_of
from todo_project.database.statements import Row

# RFC 3986 allows these in a segment of a path as they are.
SEGMENT_SAFE = "!$&'()*+,;=:@"
# What a link to the next page has of the query, besides the new cursor.
CARRIED_ON = {parameter.name for parameter in LIST_PARAMETERS} - {"cursor"}
# One object for all requests. Making another, and finding its statement by its parts, would be 4% of a toggle.
FLIPPED = {"is_completed": ~F("is_completed")}


@describe_tasks
class TaskViewSet(DeclaredViewSet):
    """The operations on one user's tasks (tasks/urls.py). Each calls one method of the queryset: one statement."""

    body_serializers: ClassVar[dict[str, BaseSerializer[Task]]] = {
        "create": TaskCreateSerializer(),
        "create_many": TaskBatchSerializer(),
        "update": TaskUpdateSerializer(),
        "complete": TaskCompletionSerializer(),
        "complete_many": TaskStateSerializer(),
    }
    optional_bodies = ("complete",)
    query_parameters: ClassVar[dict[str, tuple[QueryParameter, ...]]] = {
        "list": LIST_PARAMETERS,
        "complete_many": FILTER_PARAMETERS,
        "destroy_many": FILTER_PARAMETERS,
    }
    strict_actions = ("complete_many", "destroy_many")
    conditional_headers: ClassVar[dict[str, tuple[str, ...]]] = {
        "list": (IF_NONE_MATCH,),
        "retrieve": (IF_NONE_MATCH,),
        "update": (IF_MATCH, IF_NONE_MATCH),
        "destroy": (IF_MATCH, IF_NONE_MATCH),
        "complete": (IF_MATCH, IF_NONE_MATCH),
    }
    keyed_actions = ("create", "create_many")
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.for_user(self.kwargs["user_id"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # DRF's view and its request refer to each other. Otherwise the answer would stay until the collector runs.
        del self.response
        return response

    def list(self, request: Request, user_id: str) -> HttpResponseBase:
        place = (self.query, self.sort, self.after)
        if self.limit is None:
            response = list_response(self.get_queryset().pages(render_items, *place))
        else:
            rows, last = self.get_queryset().page(self.limit, *place)
            response = JSONResponse(rows, headers={"Link": self.link_to(last)} if last else {})
        if isinstance(response, HttpResponse):
            return conditional_response(response, self.conditions.get(IF_NONE_MATCH))
        # It is streamed: its first bytes are sent before the last are known.
        return response

    def create(self, request: Request, user_id: str) -> JSONResponse:
        if self.key is None:
            return self.created(self.get_queryset().create_returning(**self.body), {})
        rows, headers = self.create_once(self.key, [self.body])
        return self.created(rows[0], headers)

    # `@action` is for drf-spectacular, which describes no other method. The routes are in urls.py.
    @action(detail=False, methods=["post"])
    def create_many(self, request: Request, user_id: str) -> JSONResponse:
        if self.key is None:
            return JSONResponse(self.get_queryset().create_many_returning(self.body["tasks"]), status=201)
        rows, headers = self.create_once(self.key, self.body["tasks"])
        return JSONResponse(rows, status=201, headers=headers)

    def retrieve(self, request: Request, user_id: str, task_id: str) -> HttpResponse:
        task = self.get_queryset().row(parse_uuid(task_id))
        tag = entity_tag(task["updated_at"])
        none_match = self.conditions.get(IF_NONE_MATCH)
        if none_match and none_match.includes(tag):
            return not_modified(tag)
        return JSONResponse(task, headers={"ETag": tag})

    def update(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        return JSONResponse(self.write(task_id, self.body))

    def destroy(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        self.get_queryset().delete_returning(parse_uuid(task_id), condition_of(self.conditions))
        return JSONResponse({"message": "Task deleted successfully"})

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        task = self.write(task_id, FLIPPED | self.body)
        return JSONResponse(task, headers={"ETag": entity_tag(task["updated_at"])})

    @action(detail=False, methods=["patch"])
    def complete_many(self, request: Request, user_id: str) -> JSONResponse:
        return JSONResponse({"updated": self.get_queryset().complete_matching(self.body["is_completed"], self.query)})

    @action(detail=False, methods=["delete"])
    def destroy_many(self, request: Request, user_id: str) -> JSONResponse:
        return JSONResponse({"deleted": self.get_queryset().delete_matching(self.query)})

    def write(self, task_id: str, changes: dict[str, Any]) -> Row:
        return self.get_queryset().update_returning(parse_uuid(task_id), condition_of(self.conditions), **changes)

    def created(self, task: Row, headers: dict[str, str]) -> JSONResponse:
        location = f"{self.path()}/{task['id']}"
        return JSONResponse(task, 201, {"Location": location, "ETag": entity_tag(task["updated_at"]), **headers})

    def create_once(self, key: str, bodies: Sequence[dict[str, Any]]) -> tuple[Sequence[Row], dict[str, str]]:
        try:
            rows, is_replayed = self.get_queryset().create_once_returning(bodies, Key(key, digest_of(self.body)))
        except KeyIsTakenError:
            raise Invalid(key_problem("The key was used with another body")) from None
        return rows, {"Idempotency-Replayed": "true"} if is_replayed else {}

    def path(self) -> str:
        return f"{settings.SCRIPT_NAME}/api/{quote(self.kwargs['user_id'], safe=SEGMENT_SAFE)}/tasks"

    def link_to(self, last: Position) -> str:
        """A link to the page behind a task, with the rest of the query. Names that count for nothing are left out."""
        pairs = [(name, value) for name, value in pairs_of(self.request) if name in CARRIED_ON]
        cursor = encode_cursor(last, self.sort, self.kwargs["user_id"])
        query = urlencode([*pairs, ("cursor", cursor)])
        return f'<{self.path()}?{query}>; rel="next"'

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, TaskHasChangedError):
            exc = PreconditionFailed(str(exc), entity_tag(exc.row["updated_at"]))
        return super().handle_exception(exc)

    def read_path(self, request: Request) -> None:
        if self.kwargs["user_id"] == ME:
            # The action gets these arguments too.
            self.kwargs["user_id"] = user_id_of(request)
        if problems := user_id_problems(self.kwargs["user_id"]):
            raise Invalid(*problems)

    def read_query(self, request: Request) -> None:
        super().read_query(request)
        self.limit, self.sort = self.query.pop("limit", None), self.query.pop("sort", DEFAULT_SORT)
        cursor = self.query.pop("cursor", None)
        try:
            self.after = cursor and position_of_cursor(cursor, self.sort, self.kwargs["user_id"])
        except UnreadableError as error:
            raise Invalid(problem(["query", "cursor"], str(error))) from None
        if self.action == "destroy_many" and not self.query:
            raise Invalid(problem(["query"], "At least one filter is required", "missing"))

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "private, no-cache"}
