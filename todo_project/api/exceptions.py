"""Every error becomes `{"detail": …}` here: DRF's exception handler and Django's error views."""

import logging
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from rest_framework import views
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound
from rest_framework.response import Response

from todo_project.api.renderers import JSONResponse
from todo_project.database.errors import READ_ONLY_SQL_TRANSACTION, sqlstate_of

logger = logging.getLogger("django.request")

RETRY_AFTER_SECONDS = "2"


class Unavailable(APIException):
    """The database cannot be reached, or takes no writes."""

    status_code = 503
    default_detail = "The database is not available, try again soon"


class InternalServerError(APIException):
    default_detail = "Internal server error"


def exception_handler(exc: Exception, context: dict[str, Any]) -> JSONResponse:
    """DRF's own, after what it does not know has been turned into what it knows; JSON from a page's view too."""
    if isinstance(exc, ObjectDoesNotExist):
        exc = NotFound(str(exc))
    elif is_unavailable(exc):
        logger.error("The database is not available: %s", exc)
        exc = Unavailable()
    elif not isinstance(exc, APIException | Http404):
        # The route, not the path: that holds a user's id.
        logger.error("Internal server error: %s", context["request"].resolver_match.route, exc_info=exc)
        exc = InternalServerError()
    answer = cast(Response, views.exception_handler(exc, context))
    response = JSONResponse(answer.data, status=answer.status_code)
    # Django's own line would repeat what has been logged here.
    setattr(response, "_has_been_logged", True)  # noqa: B010 -- no attribute of the stubs
    if isinstance(exc, MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(exc, Unavailable):
        response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def is_unavailable(exc: Exception) -> bool:
    if isinstance(exc, OperationalError | InterfaceError):
        return True
    return isinstance(exc, DatabaseError) and sqlstate_of(exc) == READ_ONLY_SQL_TRANSACTION


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Bad request"}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Permission denied"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Not found"}, status=404)


def server_error(request: HttpRequest) -> JSONResponse:
    return JSONResponse({"detail": InternalServerError.default_detail}, status=500)
