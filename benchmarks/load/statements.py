"""The SQL that the service sends for each operation, with its values, caught in a separate process."""

import json
import re
import subprocess
import sys

from benchmarks.load.operations import OPERATIONS
from benchmarks.machinery.candidates import ROOT, SERVICE

# The task that the caught statements are about; `about` puts another one in its place.
NUMBER = 7
ID = re.compile(r"'([0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?)[0-9a-f]{12}'")


def sent_by_service(url, operations=OPERATIONS):
    """The text of the statement by operation, about task 7. Executes each once, so the tasks change."""
    command = [sys.executable, "-m", "benchmarks.load.statements", *operations]
    environment = SERVICE.variables(url, 8000) | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def about(statement, user, id_tail):
    """The same statement about another user and task; both may be variables of pgbench."""
    named = re.sub(rf"'([a-z]+)-{NUMBER}'", lambda found: f"'{found[1]}-{user}'", statement)
    return ID.sub(lambda found: f"'{found[1]}{id_tail}'", named)


def catch(operations):
    """Pairs of operation and statement. Raises RuntimeError where an operation sends another number than one."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from psycopg import ClientCursor

    caught = []

    def keep(execute, sql, params, many, context):
        caught.append(ClientCursor(connection.connection).mogrify(sql, params))
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(keep):
        for name in operations:
            request = OPERATIONS[name](NUMBER)
            content = {} if request.body is None else {"data": request.body, "content_type": "application/json"}
            answer = Client().generic(request.method, request.path, HTTP_HOST="127.0.0.1", **encoded(content))
            if answer.status_code != request.status or len(caught) != 1:
                raise RuntimeError(f"{name}: {answer.status_code} {answer.content!r} after {caught}")
            yield name, caught.pop()


def encoded(content):
    return content | {"data": json.dumps(content["data"])} if content else {}


if __name__ == "__main__":
    print(json.dumps(dict(catch(sys.argv[1:]))))
