"""As in the tutorial of Django REST Framework: a ModelViewSet, a ModelSerializer, default settings.

The filter is one "against query parameters", pages are CursorPagination with its link in a header, and a conditional
PUT compares the tag of the task that the view has read.
"""

from django.urls import include, path
from rest_framework import routers, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from benchmarks.peers.django_models import Task


class TaskSerializer(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
        read_only_fields = ["user_id"]


class TaskCompletionSerializer(serializers.Serializer):
    is_completed = serializers.BooleanField(required=False)


class TaskPagination(CursorPagination):
    page_size_query_param = "limit"
    max_page_size = 1_000
    ordering = "id"

    def get_paginated_response(self, data):
        following = self.get_next_link()
        return Response(data, headers={"Link": f'<{following}>; rel="next"'} if following else None)


class TaskHasChanged(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The task has changed"


class TaskViewSet(viewsets.ModelViewSet):
    serializer_class = TaskSerializer
    pagination_class = TaskPagination

    def get_queryset(self):
        tasks = Task.objects.filter(user_id=self.kwargs["user_id"])
        wanted = self.request.query_params.get("is_completed")
        if wanted is not None:
            tasks = tasks.filter(is_completed=serializers.BooleanField().run_validation(wanted))
        return tasks

    def retrieve(self, request, *args, **kwargs):
        task = self.get_object()
        return Response(self.get_serializer(task).data, headers={"ETag": task.tag})

    def perform_create(self, serializer):
        serializer.save(user_id=self.kwargs["user_id"])

    def get_success_headers(self, data):
        return {"Location": f"/api/{data['user_id']}/tasks/{data['id']}"}

    def update(self, request, *args, **kwargs):
        return super().update(request, *args, **kwargs | {"partial": True})

    def perform_update(self, serializer):
        if not serializer.instance.matches(self.request.headers.get("If-Match")):
            raise TaskHasChanged
        serializer.save()

    def destroy(self, request, *args, **kwargs):
        super().destroy(request, *args, **kwargs)
        return Response({"message": "Task deleted successfully"})

    @action(detail=True, methods=["patch"])
    def complete(self, request, *args, **kwargs):
        task = self.get_object()
        body = TaskCompletionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        task.is_completed = body.validated_data.get("is_completed", not task.is_completed)
        task.save()
        return Response(self.get_serializer(task).data)


router = routers.SimpleRouter(trailing_slash=False)
router.register("tasks", TaskViewSet, basename="task")
urlpatterns = [path("api/<str:user_id>/", include(router.urls))]
