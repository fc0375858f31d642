from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        # Registers its check.
        from todo_project import durability  # noqa: F401 -- imported for that alone
