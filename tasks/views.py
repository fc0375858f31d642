from typing import Any, ClassVar
from urllib.parse import quote

from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from tasks.identifiers import parse_uuid
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.schema import describe_tasks
from tasks.serializers import TaskCompletionSerializer, TaskCreateSerializer, TaskUpdateSerializer
from todo_project.api.problems import Invalid, problem, validated
from todo_project.api.renderers import JSONResponse, list_response, render_items
from todo_project.api.user_ids import user_id_problems
from todo_project.authentication.permissions import ME, user_id_of

# RFC 3986 allows these in a segment of a path as they are.
SEGMENT_SAFE = "!$&'()*+,;=:@"
# One object for all requests. Making another, and finding its statement by its parts, would be 4% of a toggle.
FLIPPED = {"is_completed": ~F("is_completed")}


@describe_tasks
class TaskViewSet(ViewSet):
    """The six operations on one user's tasks (tasks/urls.py). Each calls one method of the queryset: one statement."""

    body_serializers: ClassVar[dict[str, BaseSerializer[Task]]] = {
        "create": TaskCreateSerializer(),
        "update": TaskUpdateSerializer(),
        "complete": TaskCompletionSerializer(),
    }
    # Of these a body may be missing, or null, which some generated clients send in place of none.
    optional_bodies = ("complete",)
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.for_user(self.kwargs["user_id"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # DRF's view and its request refer to each other. Otherwise the answer would stay until the collector runs.
        del self.response
        return response

    def list(self, request: Request, user_id: str) -> HttpResponseBase:
        return list_response(self.get_queryset().pages(render_items))

    def create(self, request: Request, user_id: str) -> JSONResponse:
        task = self.get_queryset().create_returning(**self.body)
        location = f"/api/{quote(user_id, safe=SEGMENT_SAFE)}/tasks/{task['id']}"
        return JSONResponse(task, status=201, headers={"Location": location})

    def retrieve(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        return JSONResponse(self.get_queryset().row(parse_uuid(task_id)))

    def update(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        return JSONResponse(self.get_queryset().update_returning(parse_uuid(task_id), **self.body))

    def destroy(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        self.get_queryset().delete_returning(parse_uuid(task_id))
        return JSONResponse({"message": "Task deleted successfully"})

    # For drf-spectacular, which describes no other action. The route is in urls.py.
    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> JSONResponse:
        return JSONResponse(self.get_queryset().update_returning(parse_uuid(task_id), **FLIPPED | self.body))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Validates the user id and the body together, so that one answer names all problems."""
        super().initial(request, *args, **kwargs)
        if self.kwargs["user_id"] == ME:
            # The action gets these arguments too.
            self.kwargs["user_id"] = user_id_of(request)
        if self.action is None:
            # The method is not allowed: DRF answers 405.
            return
        problems = user_id_problems(self.kwargs["user_id"])
        try:
            self.body = self.read_body(request)
        except Invalid as invalid:
            raise Invalid(*problems, *invalid.problems) from None
        if problems:
            raise Invalid(*problems)

    def read_body(self, request: Request) -> dict[str, Any]:
        serializer = self.body_serializers.get(self.action)
        if serializer is None:
            return {}
        is_sent = request.META.get("CONTENT_LENGTH", "") not in ("", "0")
        if self.action in self.optional_bodies and (not is_sent or request.data is None):
            return {}
        if not is_sent:
            raise Invalid(problem(["body"], "Field required", "missing"))
        return validated(serializer, request.data)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "private, no-cache"}
