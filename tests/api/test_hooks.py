"""What DRF teaches holds here: a class that is set on the view, or in the settings, is asked."""

import pytest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.throttling import BaseThrottle

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
]


class Bearer(BaseAuthentication):
    def authenticate(self, request):
        if request.headers.get("Authorization") == "wrong":
            raise AuthenticationFailed("Not you")
        return None  # noqa: RET501 -- as DRF has it: nobody is authenticated

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
