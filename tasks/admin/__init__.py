"""Tasks in Django admin, made for ten million of them: `tasks` has the model's admin; start there.

Nothing else in the project imports this room; Django does, when it looks for admins.
"""

from tasks.admin import tasks  # noqa: F401 -- registers the model's admin
