from typing import Any, ClassVar
from urllib.parse import quote

from django.db.models import F
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from tasks.identifiers import parse_uuid, user_id_problems
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.schema import describe_tasks
from tasks.serializers import TaskCompletionSerializer, TaskCreateSerializer, TaskSerializer, TaskUpdateSerializer
from todo_project.validation import Invalid, problem, validated

# What RFC 3986 lets stand in a path's segment as it is.
SEGMENT_SAFE = "!$&'()*+,;=:@"


@describe_tasks
class TaskViewSet(GenericViewSet[Task]):
    """The six operations on one user's tasks. Each sends the one statement that its queryset's method is."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    body_serializers: ClassVar[dict[str, BaseSerializer[Task]]] = {
        "create": TaskCreateSerializer(),
        "update": TaskUpdateSerializer(),
        "complete": TaskCompletionSerializer(),
    }
    lookup_url_kwarg = "task_id"
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.for_user(self.kwargs["user_id"])

    def list(self, request: Request, user_id: str) -> Response:
        return Response(self.get_queryset().rows())

    def create(self, request: Request, user_id: str) -> Response:
        task = self.get_queryset().create_returning(**self.body)
        location = f"/api/{quote(user_id, safe=SEGMENT_SAFE)}/tasks/{task['id']}"
        return Response(task, status=201, headers={"Location": location})

    def retrieve(self, request: Request, user_id: str, task_id: str) -> Response:
        return Response(self.get_queryset().row(parse_uuid(task_id)))

    def update(self, request: Request, user_id: str, task_id: str) -> Response:
        return Response(self.get_queryset().update_returning(parse_uuid(task_id), **self.body))

    def destroy(self, request: Request, user_id: str, task_id: str) -> Response:
        self.get_queryset().delete_returning(parse_uuid(task_id))
        return Response({"message": "Task deleted successfully"})

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> Response:
        flipped = {"is_completed": ~F("is_completed")}
        return Response(self.get_queryset().update_returning(parse_uuid(task_id), **flipped | self.body))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Validates the user id and the body together, so that all problems are told at once."""
        super().initial(request, *args, **kwargs)
        problems = user_id_problems(self.kwargs["user_id"])
        try:
            self.body = self.read_body(request)
        except Invalid as invalid:
            raise Invalid(*problems, *invalid.problems) from None
        if problems:
            raise Invalid(*problems)

    def read_body(self, request: Request) -> dict[str, Any]:
        serializer = self.body_serializers.get(self.action)
        has_body = request.META.get("CONTENT_LENGTH", "") not in ("", "0")
        if serializer is None or (self.action == "complete" and not has_body):
            return {}
        if not has_body:
            raise Invalid(problem(["body"], "Field required", "missing"))
        return validated(serializer, request.data)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "private, no-cache"}
