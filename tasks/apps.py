from django.apps import AppConfig
from django.db.backends.signals import connection_created


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        from tasks import doctor, words
        from todo_project.doctor import database

        database.table_checks += [doctor.distribution, doctor.index]
        connection_created.connect(words.give_sqlite_the_search)
