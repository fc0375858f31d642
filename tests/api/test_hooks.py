"""DRF's hooks work as DRF documents them: a class that is set on the view, or in the settings, is used."""

import pytest
from django.core.exceptions import PermissionDenied, TooManyFieldsSent
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from tasks.views import TaskViewSet
from tests.conftest import OWNER

TASKS = f"/api/{OWNER}/tasks"
OPERATIONS = [
    ("GET", TASKS, b""),
    ("POST", TASKS, {"title": "A task"}),
    ("POST", TASKS, b"{"),
    ("GET", f"{TASKS}/x", b""),
    ("PUT", f"{TASKS}/x", {}),
    ("DELETE", f"{TASKS}/x", b""),
    ("PATCH", f"{TASKS}/x/complete", b""),
    ("GET", f"{TASKS}?limit=0", b""),
    ("POST", f"{TASKS}/batch", b"{"),
    ("PATCH", f"{TASKS}?q=a", {"is_completed": True}),
    ("DELETE", f"{TASKS}?is_completed=true", b""),
    ("DELETE", TASKS, b""),
]


class Bearer(BaseAuthentication):
    def authenticate(self, request):
        if request.headers.get("Authorization") == "wrong":
            raise AuthenticationFailed("Not you")
        return None  # noqa: RET501 -- to DRF it means: not authenticated

    def authenticate_header(self, request):
        return 'Bearer realm="tasks"'


class Exhausted(BaseThrottle):
    def allow_request(self, request, view):
        return False

    def wait(self):
        return 7


@pytest.fixture
def guarded(monkeypatch):
    monkeypatch.setattr(TaskViewSet, "authentication_classes", [Bearer])
    monkeypatch.setattr(TaskViewSet, "permission_classes", [IsAuthenticated])


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_permission_class_is_obeyed_before_the_body_and_the_database(api, monkeypatch, statements, method, path, body):
    monkeypatch.setattr(TaskViewSet, "permission_classes", [IsAuthenticated])

    response = api.send(method, path, body)

    assert response.status_code == 403
    assert response.json() == {"detail": "You do not have permission to perform this action."}
    assert statements == []


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_missing_credentials_are_401_with_the_scheme(api, guarded, method, path, body):
    response = api.send(method, path, body)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="tasks"')
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"detail": "Authentication credentials were not provided."}


def test_wrong_credentials_are_401_with_the_scheme(api, guarded):
    response = api.send("GET", TASKS, authorization="wrong")

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="tasks"')
    assert response.json() == {"detail": "Not you"}


def test_throttle_class_is_obeyed_and_names_the_wait(api, monkeypatch):
    monkeypatch.setattr(TaskViewSet, "throttle_classes", [Exhausted])

    response = api.send("GET", TASKS)

    assert (response.status_code, response["Retry-After"]) == (429, "7")
    assert response.json() == {"detail": "Request was throttled. Expected available in 7 seconds."}


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (PermissionDenied("Not here"), 403, "Not here"),
        (TooManyFieldsSent("Too many"), 400, "Bad request"),
    ],
)
def test_django_error_of_a_permission_is_no_fault_of_ours(api, monkeypatch, error, status, detail):
    class Raising(BasePermission):
        def has_permission(self, request, view):
            raise error

    monkeypatch.setattr(TaskViewSet, "permission_classes", [Raising])

    response = api.send("GET", TASKS)

    assert (response.status_code, response.json()) == (status, {"detail": detail})


@pytest.mark.parametrize("path", ["/", "/health", "/health/ready", "/openapi.json", "/docs", "/redoc", "/favicon.ico"])
def test_page_of_the_service_is_open_whatever_the_settings_ask_of_the_api(api, monkeypatch, path):
    # DEFAULT_AUTHENTICATION_CLASSES and the like set these attributes.
    monkeypatch.setattr(APIView, "authentication_classes", [Bearer])
    monkeypatch.setattr(APIView, "permission_classes", [IsAuthenticated])
    monkeypatch.setattr(APIView, "throttle_classes", [Exhausted])

    assert api.send("GET", path).status_code == 200
    assert api.send("GET", TASKS).status_code == 401
