import os
import socket
import sys
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from todo_project.database.migrations import missing_migrations
from todo_project.database.postgresql.citus import ADVICE, WORKER, citus_role
from todo_project.environment.addresses import local_url
from todo_project.management.command import ServiceCommand

WELCOME = """
  API    {url}/api/{{user_id}}/tasks
  Docs   {url}/docs
  Admin  {url}/admin/   (make an admin: python3 run.py manage createsuperuser)
"""


class Command(ServiceCommand):
    help = "Waits for the database, migrates it and starts the server, as `python3 run.py` does."

    def handle(self, *args: Any, **options: Any) -> None:
        if "LISTEN_FDS" not in os.environ:
            # With systemd the socket is open already, so the address would be found in use.
            self.check_address()
        call_command("wait_for_db")
        if citus_role() == "worker":
            raise CommandError(f"{WORKER} {ADVICE}")
        self.check(tags=[Tags.database], databases=["default"])
        if missing_migrations():
            call_command("migrate", interactive=False)
        connection.close()
        self.stdout.write(WELCOME.format(url=local_url(settings.HOST, settings.PORT) + settings.SCRIPT_NAME))
        self.stdout.flush()
        self.become(self.server_command())

    def check_address(self) -> None:
        """Fails at once, in one sentence. gunicorn would try for five seconds and print a dozen lines."""
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        try:
            socket.create_server((settings.HOST, settings.PORT), family=family).close()
        except OSError as error:
            where = f"PORT {settings.PORT} of HOST {settings.HOST}"
            # Python adds the address to the system's message.
            why = (error.strerror or str(error)).partition(" (while")[0]
            raise CommandError(f"{where} cannot be listened on: {why}.") from None

    def server_command(self) -> list[str]:
        if os.name != "nt":
            return [sys.executable, "-m", "gunicorn", "todo_project.wsgi"]
        name = "waitress" if find_spec("waitress") else "Django's own server, for development only"
        self.stdout.write(f"gunicorn does not run on Windows: serving with {name}.")
        address = f"{settings.HOST}:{settings.PORT}"
        if find_spec("waitress"):
            return [sys.executable, "-m", "waitress", f"--listen={address}", "todo_project.wsgi:application"]
        return [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", address]

    def become(self, command: list[str]) -> None:
        """Hands this process over, so that signals reach the server."""
        os.execv(command[0], command)
