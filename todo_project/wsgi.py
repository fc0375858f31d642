"""The WSGI application that gunicorn serves."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver
from django.utils.module_loading import import_string

from todo_project.api.targets import without_prefix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


def below_prefix(application: "WSGIApplication") -> "WSGIApplication":
    """Here and not in a middleware, because those look at the path."""

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        environ["PATH_INFO"] = without_prefix(environ.get("PATH_INFO", ""))
        return application(environ, start_response)

    return answer


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
application: "WSGIApplication" = get_wsgi_application()
# gunicorn reads it for each request, and answers 500 to a path that begins otherwise.
os.environ.pop("SCRIPT_NAME", None)
if settings.SCRIPT_NAME:
    application = below_prefix(application)
# These receivers are a tenth of Django's work for a get, and have nothing to do here: each use of a PostgreSQL
# connection checks it (todo_project/database/postgresql/base.py), no cache holds connections, and no request sets a
# URLconf.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
if not settings.DEBUG:
    # Without DEBUG Django keeps no statements that it would have to drop.
    request_started.disconnect(reset_queries)
if settings.HAS_AUTHENTICATION:
    # Before the processes are forked: they share what they know of the keys, and the first requests find some.
    import_string("todo_project.authentication.tokens.verifier")().source.prepare()
# Imports the views now, once for all processes; Django would do it with the first request of each.
get_resolver().url_patterns  # noqa: B018 -- a property that imports
