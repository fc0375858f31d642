"""The API in this process with authentication: tokens of a shared secret, and a client that has each user's."""

import time
from functools import cache
from urllib.parse import unquote

import jwt

from tasks.views import TaskViewSet
from tests.conftest import JSON, SECRET_OF_TOKENS, ApiClient
from todo_project.authentication.bearer import BearerAuthentication
from todo_project.authentication.permissions import IsOwner


def token_of(user_id, secret=SECRET_OF_TOKENS, **claims):
    return jwt.encode({"sub": user_id, "exp": int(time.time()) + 7200} | claims, secret, "HS256")


@cache
def authorization_of(user_id):
    return f"Bearer {token_of(user_id)}"


def ask_for_tokens(settings, monkeypatch, **variables):
    """Configures the API in this process. DRF reads its own settings once, when it is imported."""
    for name, value in ({"AUTH_JWT_SECRET": SECRET_OF_TOKENS} | variables).items():
        setattr(settings, name, value)
    monkeypatch.setattr(TaskViewSet, "authentication_classes", [BearerAuthentication])
    monkeypatch.setattr(TaskViewSet, "permission_classes", [IsOwner])


class TokenClient(ApiClient):
    """Sends the token of the user whom the path names, or that of another one."""

    def send(self, method, path, body=b"", content_type=JSON, *, of=None, **headers):
        authorization = {"authorization": authorization_of(of or unquote(path.split("/")[2]))}
        return super().send(method, path, body, content_type, **authorization | headers)
