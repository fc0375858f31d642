from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todo_project.api.renderers import JSONResponse
from todo_project.api.targets import ABSOLUTE_FORM, sent_target
from todo_project.middleware import GetResponse

# Load balancers ask by an address, or name no host. The answers depend on none.
PROBES = ("/health", "/health/ready")


class TrustedHostMiddleware:
    """Answers 400 to a Host that is not in ALLOWED_HOSTS. Django itself checks only where a view builds a URL."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # The last Host that passed: most services have one.
        self.trusted: str | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if target := ABSOLUTE_FORM.match(sent_target(request)):
            request.META["HTTP_HOST"] = target[1]
        host = request.META.get("HTTP_HOST")
        if (host is None or host != self.trusted) and request.path_info not in PROBES:
            try:
                request.get_host()
            except DisallowedHost:
                return JSONResponse({"detail": "This host is not in ALLOWED_HOSTS"}, status=400)
            self.trusted = host
        return self.get_response(request)
