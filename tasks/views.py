from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from tasks.cursors import decode_cursor, encode_cursor
from tasks.filters import DEFAULT_SORT, Position
from tasks.identifiers import parse_uuid
from tasks.models import Task
from tasks.parameters import FILTER_PARAMETERS, LIST_PARAMETERS
from tasks.preconditions import condition_of, digest_of
from tasks.querysets import KeyIsTakenError, TaskHasChangedError, TaskQuerySet
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
    VARIABLES,
    PreconditionFailed,
    conditional_response,
    entity_tag,
    not_modified,
    read_conditions,
)
from todo_project.api.idempotency import key_problem, read_key
from todo_project.api.problems import Invalid, problem, validated
from todo_project.api.query import QueryParameter, pairs_of, read_query
from todo_project.api.renderers import JSONResponse, list_response, render_items
from todo_project.api.user_ids import user_id_problems
from todo_project.authentication.permissions import ME, user_id_of
from todo_project.database.statements import Row

# RFC 3986 allows these in a segment of a path as they are.
SEGMENT_SAFE = "!$&'()*+,;=:@"
# One object for all requests. Making another, and finding its statement by its parts, would be 4% of a toggle.
FLIPPED = {"is_completed": ~F("is_completed")}


@describe_tasks
class TaskViewSet(ViewSet):
    """The operations on one user's tasks (tasks/urls.py). Each calls one method of the queryset: one statement."""

    body_serializers: ClassVar[dict[str, BaseSerializer[Task]]] = {
        "create": TaskCreateSerializer(),
        "create_many": TaskBatchSerializer(),
        "update": TaskUpdateSerializer(),
        "complete": TaskCompletionSerializer(),
        "complete_many": TaskStateSerializer(),
    }
    # Of these a body may be missing, or null, which some generated clients send in place of none.
    optional_bodies = ("complete",)
    query_parameters: ClassVar[dict[str, tuple[QueryParameter, ...]]] = {
        "list": LIST_PARAMETERS,
        "complete_many": FILTER_PARAMETERS,
        "destroy_many": FILTER_PARAMETERS,
    }
    # A misspelt filter must not widen these, nor may a condition be ignored that they cannot honour.
    strict_queries = ("complete_many", "destroy_many")
    needs_filter = ("destroy_many",)
    conditional_headers: ClassVar[dict[str, tuple[str, ...]]] = {
        "list": (IF_NONE_MATCH,),
        "retrieve": (IF_NONE_MATCH,),
        "update": (IF_MATCH, IF_NONE_MATCH),
        "destroy": (IF_MATCH, IF_NONE_MATCH),
        "complete": (IF_MATCH, IF_NONE_MATCH),
    }
    keyed = ("create", "create_many")
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.for_user(self.kwargs["user_id"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # DRF's view and its request refer to each other. Otherwise the answer would stay until the collector runs.
        del self.response
        return response

    def list(self, request: Request, user_id: str) -> HttpResponseBase:
        limit, place = (
            self.query.pop("limit", None),
            (self.query.pop("sort", DEFAULT_SORT), self.query.pop("cursor", None)),
        )
        if limit is None:
            response = list_response(self.get_queryset().pages(render_items, self.query, *place))
        else:
            rows, last = self.get_queryset().page(limit, self.query, *place)
            response = JSONResponse(rows, headers={"Link": self.link_to(last, place[0])} if last else {})
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
            rows, is_replayed = self.get_queryset().create_once_returning(bodies, (key, digest_of(self.body)))
        except KeyIsTakenError:
            raise Invalid(key_problem("The key was used with another body")) from None
        return rows, {"Idempotency-Replayed": "true"} if is_replayed else {}

    def path(self) -> str:
        return f"/api/{quote(self.kwargs['user_id'], safe=SEGMENT_SAFE)}/tasks"

    def link_to(self, last: Position, sort: str) -> str:
        """A link to the page behind a task, with the rest of the query as it was sent."""
        pairs = [(name, value) for name, value in pairs_of(self.request) if name != "cursor"]
        cursor = encode_cursor(last, sort, self.kwargs["user_id"])
        query = urlencode([*pairs, ("cursor", cursor)], errors="surrogateescape")
        return f'<{self.path()}?{query}>; rel="next"'

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, TaskHasChangedError):
            exc = PreconditionFailed(str(exc), entity_tag(exc.row["updated_at"]))
        return super().handle_exception(exc)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Validates the user id, the query, the headers and the body, so that one answer names all problems."""
        super().initial(request, *args, **kwargs)
        if self.kwargs["user_id"] == ME:
            # The action gets these arguments too.
            self.kwargs["user_id"] = user_id_of(request)
        if self.action is None:
            # The method is not allowed: DRF answers 405.
            return
        problems = user_id_problems(self.kwargs["user_id"])
        for read in (self.read_query, self.read_conditions, self.read_key, self.read_body):
            try:
                read(request)
            except Invalid as invalid:
                problems += invalid.problems
        if problems:
            raise Invalid(*problems)

    def read_query(self, request: Request) -> None:
        self.query: dict[str, Any] = {}
        parameters = self.query_parameters.get(self.action)
        if parameters is None:
            return
        is_strict = self.action in self.strict_queries
        self.query, problems = read_query(pairs_of(request), parameters, allows_unknown=not is_strict)
        if "cursor" in self.query:
            try:
                sort = self.query.get("sort", DEFAULT_SORT)
                self.query["cursor"] = decode_cursor(self.query["cursor"], sort, self.kwargs["user_id"])
            except ValueError:
                problems.append(problem(["query", "cursor"], "The cursor is not one of this list in this order"))
        if self.action in self.needs_filter and not self.query and not problems:
            problems.append(problem(["query"], "At least one filter is required", "missing"))
        if problems:
            raise Invalid(*problems)

    def read_conditions(self, request: Request) -> None:
        honoured = self.conditional_headers.get(self.action, ())
        refused = VARIABLES if self.action in self.strict_queries else ()
        self.conditions = read_conditions(request, honoured, refused)

    def read_key(self, request: Request) -> None:
        self.key = read_key(request) if self.action in self.keyed else None

    def read_body(self, request: Request) -> None:
        self.body: dict[str, Any] = {}
        serializer = self.body_serializers.get(self.action)
        if serializer is None:
            return
        is_sent = request.META.get("CONTENT_LENGTH", "") not in ("", "0")
        if self.action in self.optional_bodies and (not is_sent or request.data is None):
            return
        if not is_sent:
            raise Invalid(problem(["body"], "Field required", "missing"))
        self.body = validated(serializer, request.data)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "private, no-cache"}
