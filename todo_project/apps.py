from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig


class TodoProjectConfig(AppConfig):
    """An app too, so that Django finds the project's commands, templates and checks by itself."""

    name = "todo_project"
    default = True

    def ready(self) -> None:
        from todo_project.authentication import checks as authentication_checks  # noqa: F401 -- registers a check
        from todo_project.database import checks  # noqa: F401 -- registers a check


class LoginLimitConfig(AxesConfig):  # type: ignore[misc]  # why: an untyped library
    """django-axes under a name that says what its lists in the admin hold."""

    verbose_name = "Log-ins to the admin"
