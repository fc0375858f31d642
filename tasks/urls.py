from django.urls import path, register_converter
from django.urls.converters import StringConverter

from tasks.views import TaskViewSet


class UserIdConverter(StringConverter):
    """Takes an empty segment too: the view answers it with 422, as it does every other name that is not valid."""

    regex = "[^/]*"


register_converter(UserIdConverter, "user_id")

urlpatterns = [
    path(
        "<user_id:user_id>/tasks",
        TaskViewSet.as_view({"get": "list", "post": "create", "patch": "complete_many", "delete": "destroy_many"}),
    ),
    path("<user_id:user_id>/tasks/batch", TaskViewSet.as_view({"post": "create_many"})),
    path(
        "<user_id:user_id>/tasks/<task_id>",
        TaskViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path("<user_id:user_id>/tasks/<task_id>/complete", TaskViewSet.as_view({"patch": "complete"})),
]
