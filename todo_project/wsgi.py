"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
application = get_wsgi_application()
# Django would import the views with the first request, in each process anew.
get_resolver().url_patterns  # noqa: B018 -- a property that imports
