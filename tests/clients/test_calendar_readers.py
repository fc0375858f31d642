"""Programs that others wrote read the calendars that the service writes."""

import json
import subprocess

import vobject

from tasks.interchange import vtodo
from tests.clients.programs import HERE
from tests.support.commands import row

ROWS = [
    row(1, title='Milk; bread, "eggs" \\ 😀', description="One\ntwo, three;\n" + "ä" * 200, is_completed=True),
    row(2, title="x" * 500, description=""),
    row(3, user_id="a,b;c"),
]
SEEN = [
    {
        "uid": str(task["id"]),
        "summary": task["title"],
        "description": task["description"],
        "status": "COMPLETED" if task["is_completed"] else "NEEDS-ACTION",
        "percent": 100 if task["is_completed"] else None,
        "created": f"2026-01-01T00:0{number}:00Z",
        "owner": task["user_id"],
    }
    for number, task in enumerate(ROWS, 1)
]


def calendar():
    return b"".join(vtodo.write([ROWS[:2], ROWS[2:]]))


def test_ical_js_of_thunderbird_reads_a_calendar(packages):
    command = ["node", HERE / "read_calendar.mjs"]
    done = subprocess.run(command, cwd=packages, input=calendar(), capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == SEEN


def test_vobject_reads_a_calendar():
    todos = vobject.readOne(calendar().decode()).vtodo_list
    assert [seen_by_vobject(todo) for todo in todos] == SEEN


def seen_by_vobject(todo):
    contents = {name: lines[0].value for name, lines in todo.contents.items()}
    return {
        "uid": contents["uid"],
        "summary": contents["summary"],
        "description": contents.get("description"),
        "status": contents["status"],
        "percent": int(contents["percent-complete"]) if "percent-complete" in contents else None,
        "created": contents["created"].isoformat().replace("+00:00", "Z"),
        "owner": contents["x-user-id"],
    }
