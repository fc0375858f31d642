"""The service's own views: the root, health, and the documentation."""

from django.conf import settings
from django.db import Error
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todo_project import __version__
from todo_project.api import schema
from todo_project.api.renderers import MEDIA_TYPE
from todo_project.api.unavailable import RETRY_AFTER_SECONDS
from todo_project.database.errors import trouble_behind
from todo_project.database.migrations import missing_migrations
from todo_project.database.postgresql.outage import outage

ICON = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="4" fill="#1a6b52"/>
<path d="M4 8.5 7 11.5 12 5" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
"""


@extend_schema(exclude=True)
class SafeView(APIView):
    """A page of the service: it answers GET and HEAD, and is open to all, whatever the settings ask of the API."""

    http_method_names = ["get", "head"]
    authentication_classes = permission_classes = throttle_classes = ()


class RootView(SafeView):
    def get(self, request: Request) -> Response:
        return Response(
            {
                "name": settings.SPECTACULAR_SETTINGS["TITLE"],
                "version": __version__,
                "docs": f"{settings.SCRIPT_NAME}/docs",
            }
        )


class HealthView(SafeView):
    """Liveness. It does not ask the database, so that an outage of the database does not restart the service."""

    def get(self, request: Request) -> Response:
        return Response({"status": "healthy"})


class ReadinessView(SafeView):
    def get(self, request: Request) -> Response:
        try:
            with outage.without_waiting():
                missing = missing_migrations()
            outage.end()
        except Error as error:
            return unready(why_unready(error))
        return unready(f"{len(missing)} migrations are not applied") if missing else Response({"status": "ready"})


def why_unready(error: Error) -> str:
    details: dict[str, str] = {"busy": "the database is busy", "refuses": "the database refuses this service's role"}
    return details.get(trouble_behind(error), "the database does not answer")


def unready(detail: str) -> Response:
    return Response(
        {"status": "unavailable", "detail": detail}, status=503, headers={"Retry-After": RETRY_AFTER_SECONDS}
    )


class IconView(SafeView):
    """The icon that browsers ask for with every page."""

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(ICON, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


class OpenAPIView(SafeView):
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(schema.openapi_json(), content_type=MEDIA_TYPE)


class SwaggerView(SafeView, SpectacularSwaggerSplitView):
    """Swagger UI from the sidecar's files. Its script is a separate URL, because the policy allows no inline script.

    The templates are ours: the package's do not follow the dark mode, and send a CSRF token that nothing here reads.
    """

    url = f"{settings.SCRIPT_NAME}/openapi.json"
    url_self = f"{settings.SCRIPT_NAME}/docs"
    template_name = "docs.html"
    template_name_js = "docs.js"
    renderer_classes = [TemplateHTMLRenderer]


class RedocView(SafeView, SpectacularRedocView):
    """ReDoc from the sidecar's files, with our own template: the package's template asks another host for fonts."""

    url = f"{settings.SCRIPT_NAME}/openapi.json"
    template_name = "redoc.html"
    renderer_classes = [TemplateHTMLRenderer]
