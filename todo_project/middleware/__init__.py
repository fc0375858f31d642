"""What a request passes through before its view: one module for each policy.

A reader starts at `MIDDLEWARE` in `todo_project/settings.py`, which has the order; nothing else names this room. The
policies know nothing of tasks, and those for the admin cost the API nothing. They import the settings and `api` alone.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
