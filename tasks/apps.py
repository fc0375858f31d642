from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        from tasks import doctor
        from todo_project.doctor import database

        database.table_checks.append(doctor.index)
