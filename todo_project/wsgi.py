"""The WSGI application that gunicorn serves."""

import os

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
application = get_wsgi_application()
# A tenth of what Django does for a get. PostgreSQL's connections are looked at when they are used, each time
# (todo_project/postgresql/base.py), and none has an age; no cache here has any to close, and no request its own URLs.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
if not settings.DEBUG:
    # Then no statement is kept that could be forgotten.
    request_started.disconnect(reset_queries)
# Django would import the views with the first request, in each process anew.
get_resolver().url_patterns  # noqa: B018 -- a property that imports
