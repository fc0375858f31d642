"""DRF's exception handler and Django's error views: every error becomes `{"detail": …}` here."""

import logging
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from rest_framework import views
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, ParseError
from rest_framework.response import Response

from todo_project.api.conditions import PreconditionFailed
from todo_project.api.negotiation import UnsupportedCoding
from todo_project.api.renderers import JSONResponse
from todo_project.api.unavailable import DETAILS, RETRY_AFTER_SECONDS, Unavailable, Unverifiable
from todo_project.database.errors import INSUFFICIENT_PRIVILEGE, READ_ONLY_SQL_TRANSACTION, sqlstate_of, trouble_behind

logger = logging.getLogger("django.request")

REFUSALS = {401, 403}


class InternalServerError(APIException):
    default_detail = "Internal server error"


def exception_handler(exc: Exception, context: dict[str, Any]) -> JSONResponse:
    """DRF's own handler, after other errors have been turned into DRF's. It answers JSON for the pages' views too."""
    if isinstance(exc, ObjectDoesNotExist):
        exc = NotFound(str(exc))
    elif isinstance(exc, SuspiciousOperation):
        exc = ParseError("Bad request")
    elif is_unavailable(exc):
        detail = DETAILS[trouble_behind(exc)]
        logger.error("%s: %s", detail.partition(",")[0], exc)
        exc = Unavailable(detail)
    elif not isinstance(exc, APIException | Http404 | PermissionDenied):
        # The route, because the path holds a user's id.
        logger.error("Internal server error: %s", context["request"].resolver_match.route, exc_info=exc)
        exc = InternalServerError()
    answer = cast(Response, views.exception_handler(exc, context))
    # DRF's headers stay, WWW-Authenticate and Retry-After; its Content-Type is that of a template.
    headers = {name: value for name, value in answer.items() if name != "Content-Type"}
    response = JSONResponse(answer.data, answer.status_code, headers)
    # Django would log the error once more.
    setattr(response, "_has_been_logged", True)  # noqa: B010 -- no attribute of the stubs
    if isinstance(exc, Unverifiable) or (isinstance(exc, APIException) and exc.status_code in REFUSALS):
        # For the request's log line and the metrics.
        setattr(response, "refusal", exc.get_codes())  # noqa: B010 -- no attribute of the stubs
    if isinstance(exc, MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(exc, UnsupportedCoding):
        response["Accept-Encoding"] = exc.accepted
    if isinstance(exc, PreconditionFailed):
        response["ETag"] = exc.tag
    if isinstance(exc, Unavailable):
        response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def is_unavailable(exc: Exception) -> bool:
    if isinstance(exc, OperationalError | InterfaceError):
        return True
    return isinstance(exc, DatabaseError) and sqlstate_of(exc) in (READ_ONLY_SQL_TRANSACTION, INSUFFICIENT_PRIVILEGE)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Bad request"}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Permission denied"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JSONResponse:
    return JSONResponse({"detail": "Not found"}, status=404)


def server_error(request: HttpRequest) -> JSONResponse:
    return JSONResponse({"detail": InternalServerError.default_detail}, status=500)
