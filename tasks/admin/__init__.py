"""Tasks in Django admin, made for ten million of them. Start at `tasks`, which has the model's admin.

Django imports this room when it looks for admins. Nothing else in the project does.
"""

from tasks.admin import tasks  # noqa: F401 -- registers the model's admin
