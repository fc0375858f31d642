"""What DEBUG shows a developer."""

import subprocess
import sys

from tests.support.service import ROOT

THREE_REQUESTS = """
from django.db import connection
from django.test import RequestFactory
from todo_project.wsgi import application
for _ in range(3):
    application(RequestFactory().get("/api/debugged/tasks").environ, lambda *_: None).close()
print(*[query["sql"] for query in connection.queries], sep="\\n")
"""


def test_statements_are_those_of_the_last_request(service):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", THREE_REQUESTS]
    environment = service.environment | {"DEBUG": "true", "ALLOWED_HOSTS": "testserver"}
    shell = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    (statement,) = [line for line in shell.stdout.splitlines() if line.startswith("SELECT ")]
    assert "debugged" in statement
