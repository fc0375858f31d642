"""What a request passes through before its view: one module a policy.

`MIDDLEWARE` in `todo_project/settings.py` has the order, and is where a reader starts. The policies here know nothing
of tasks, and the admin's cost the API nothing. Of the project they import the settings and `api` alone.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
