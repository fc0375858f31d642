"""Who may use a path that names a user."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView

# In place of a user id: the user of the token.
ME = "me"


def user_id_of(request: Request) -> str:
    """The user of the request's token."""
    return request.user.user_id  # type: ignore[union-attr,no-any-return]  # why: the stubs know Django's users alone


class Unauthenticated(APIException):
    """The request has no token. DRF's NotAuthenticated would be 403 where no authentication is configured."""

    status_code = 401
    default_detail = "Not authenticated"
    default_code = "no token"
    auth_header = "Bearer"


class IsOwner(BasePermission):
    """The token's user is the user in the path."""

    message = "Not allowed to access another user's tasks"
    code = "another user"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.user is None:
            raise Unauthenticated
        return view.kwargs["user_id"] in (ME, user_id_of(request))


class NamesAUser(BasePermission):
    """For a service without authentication: the path names a user. `me` would be one user for all the world."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if view.kwargs["user_id"] == ME:
            raise Unauthenticated
        return True
