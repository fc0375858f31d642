"""Django's middleware for the admin. It skips all other paths, so that the API pays nothing for it."""

from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class AdminOnly:
    """Limits the middleware that it is mixed into to the admin's paths."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            return super().__call__(request)  # type: ignore[misc,no-any-return]  # why: the other base class has it
        return self.get_response(request)  # type: ignore[attr-defined,no-any-return]  # why: set by MiddlewareMixin


class AdminSessionMiddleware(AdminOnly, SessionMiddleware):
    """The outermost of these. Over TLS it makes every cookie `Secure`, also where no setting tells of a proxy's TLS."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response


class AdminAuthenticationMiddleware(AdminOnly, AuthenticationMiddleware):
    pass


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    pass


class AdminLoginLimitMiddleware(AdminOnly, AxesMiddleware):  # type: ignore[misc]  # why: an untyped library
    pass
