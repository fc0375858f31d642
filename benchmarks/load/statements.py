"""The SQL that the service sends for each operation, with its values, caught in a separate process."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, replace

from benchmarks.load.operations import OPERATIONS, Request
from benchmarks.machinery.candidates import ROOT, SERVICE
from benchmarks.machinery.dataset import updated_at

# The task that the caught statements are about; `about` puts another one in its place.
NUMBER = 7
JSON = {"content_type": "application/json"}
ID = re.compile(r"'([0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?)[0-9a-f]{12}'")
# The times that the tag of that task stands for.
TIMES = f"""'{{"{updated_at(NUMBER)}"}}'"""
PARAMETER = re.compile(r"\$(\d+)")


@dataclass(frozen=True)
class Sent:
    """A statement as the service prepares it, with `$1` and so on, and the literals of its values."""

    sql: str
    values: list

    @property
    def text(self):
        """With the values in it."""
        return PARAMETER.sub(lambda found: self.values[int(found[1]) - 1], self.sql)

    def about(self, user, id_tail, time):
        """The same about another user, and a task of that updated_at; all may have variables of pgbench."""

        def about(value):
            named = re.sub(rf"'([a-z]+)-{NUMBER}'", lambda found: f"'{found[1]}-{user}'", value)
            return ID.sub(lambda found: f"'{found[1]}{id_tail}'", named).replace(TIMES, f"ARRAY[{time}]")

        return replace(self, values=[about(value) for value in self.values])


def sent_by_service(url, operations=OPERATIONS):
    """The statement by operation, about task 7. Executes each once, so the tasks change."""
    return sent_for(url, {name: OPERATIONS[name](NUMBER) for name in operations})


def sent_for(url, requests):
    """The statement by the name of its request. Executes each once."""
    command = [sys.executable, "-m", "benchmarks.load.statements"]
    environment = SERVICE.variables(url, 8000) | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    wanted = json.dumps({name: asdict(request) for name, request in requests.items()})
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input=wanted, stdout=subprocess.PIPE, text=True, check=True
    )
    return {name: Sent(**members) for name, members in json.loads(done.stdout).items()}


def catch(requests):
    """Pairs of name and Sent. Raises RuntimeError where a request sends another number than one."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from psycopg import ClientCursor

    from todo_project.database.postgresql.prepared import numbered

    caught = []

    def keep(execute, sql, params, many, context):
        mogrify = ClientCursor(connection.connection).mogrify
        caught.append(Sent(numbered(sql).decode(), [mogrify("%s", [value]) for value in params]))
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(keep):
        for name, request in requests.items():
            content = {} if request.body is None else {"data": json.dumps(request.body)} | JSON
            host = {"HTTP_HOST": "127.0.0.1", "headers": request.headers}
            answer = Client().generic(request.method, request.path, **host, **content)
            if answer.status_code != request.status or len(caught) != 1:
                raise RuntimeError(f"{name}: {answer.status_code} {answer.content!r} after {caught}")
            yield name, caught.pop()


if __name__ == "__main__":
    asked = {name: Request(**members) for name, members in json.load(sys.stdin).items()}
    print(json.dumps({name: asdict(sent) for name, sent in catch(asked)}))
