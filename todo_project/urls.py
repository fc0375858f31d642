from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.module_loading import import_string
from django.views.generic import RedirectView

from todo_project.api import exceptions, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("tasks.urls")),
    path("health", views.HealthView.as_view()),
    path("health/ready", views.ReadinessView.as_view()),
    path("", views.RootView.as_view()),
    path("favicon.ico", views.IconView.as_view()),
    path("openapi.json", views.OpenAPIView.as_view()),
    path("docs", views.SwaggerView.as_view(), name="docs"),
    path("redoc", views.RedocView.as_view()),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    *(
        [path("metrics", import_string("todo_project.observability.metrics.MetricsView").as_view())]
        if settings.METRICS_TOKEN
        else []
    ),
    # Not handler404, which DEBUG replaces by a page of HTML.
    re_path("", exceptions.not_found),
]
handler400 = exceptions.bad_request
handler403 = exceptions.permission_denied
handler404 = exceptions.not_found
handler500 = exceptions.server_error
