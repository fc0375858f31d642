"""As in the tutorial of Django REST Framework: a ModelViewSet, a ModelSerializer, default settings."""

from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from benchmarks.peers.django_models import Task


class TaskSerializer(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
        read_only_fields = ["user_id"]


class TaskCompletionSerializer(serializers.Serializer):
    is_completed = serializers.BooleanField(required=False)


class TaskViewSet(viewsets.ModelViewSet):
    serializer_class = TaskSerializer

    def get_queryset(self):
        return Task.objects.filter(user_id=self.kwargs["user_id"])

    def perform_create(self, serializer):
        serializer.save(user_id=self.kwargs["user_id"])

    def get_success_headers(self, data):
        return {"Location": f"/api/{data['user_id']}/tasks/{data['id']}"}

    def update(self, request, *args, **kwargs):
        return super().update(request, *args, **kwargs | {"partial": True})

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
