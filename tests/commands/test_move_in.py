"""Exports of other to-do programs. Each file here is made up, and has the structure that its program writes."""

import json
from datetime import UTC, datetime

import pytest

from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.commands import failing, run

pytestmark = pytest.mark.run_once("sqlite")

GOOGLE = {
    "kind": "tasks#taskLists",
    "items": [
        {
            "kind": "tasks#taskList",
            "id": "list-1",
            "title": "Home",
            "updated": "2026-03-01T08:00:00.000Z",
            "items": [
                {
                    "kind": "tasks#task",
                    "id": "b",
                    "title": "Buy a tent",
                    "created": "2026-02-02T10:00:00.123Z",
                    "updated": "2026-02-03T10:00:00.000Z",
                    "notes": "For two",
                    "status": "needsAction",
                    "due": "2026-06-01T00:00:00.000Z",
                    "links": [{"type": "email", "description": "Offer", "link": "https://mail.example/1"}],
                },
                {
                    "kind": "tasks#task",
                    "id": "a",
                    "title": "Pegs",
                    "parent": "b",
                    "created": "2026-01-02T10:00:00.000Z",
                    "updated": "2026-01-03T10:00:00.000Z",
                    "status": "completed",
                    "completed": "2026-01-03T10:00:00.000Z",
                    "hidden": True,
                },
                {"kind": "tasks#task", "id": "c", "title": "", "status": "needsAction"},
                {"kind": "tasks#task", "id": "d", "title": "Gone", "status": "needsAction", "deleted": True},
            ],
        },
        {"kind": "tasks#taskList", "id": "list-2", "title": "Empty", "updated": "2026-03-01T08:00:00.000Z"},
    ],
}
TODOIST = """\ufeffTYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,\
DURATION,DURATION_UNIT,meta,DEADLINE,DEADLINE_LANG,IS_COLLAPSED
meta,view_style=list,,,,,,,,,,,,,,
,,,,,,,,,,,,,,,
task,Buy milk @errands,"Two
cartons",1,1,Ann (1),Bob (2),every day,en,Europe/Berlin,30,minute,,,,
note,The blue ones,,,,Ann (1),,2026-01-05,,,,,,,,
task,Look in the fridge,,4,2,Ann (1),,,en,Europe/Berlin,None,None,,,,
,,,,,,,,,,,,,,,
section,Later,,,,,,,,,,,,,,FALSE
task,Call Mum,,4,1,Ann (1),,,en,Europe/Berlin,None,None,,,,
task,Call Mum,,4,1,Ann (1),,,en,Europe/Berlin,None,None,,,,
"""
MICROSOFT = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('u')/todo/lists('l')/tasks",
    "@odata.nextLink": "https://graph.microsoft.com/v1.0/me/todo/lists/l/tasks?$skip=2",
    "value": [
        {
            "@odata.etag": 'W/"x"',
            "importance": "high",
            "isReminderOn": True,
            "status": "inProgress",
            "title": "Write the report",
            "createdDateTime": "2026-01-18T09:03:05.8339192Z",
            "lastModifiedDateTime": "2026-01-19T09:03:08.7010000Z",
            "hasAttachments": False,
            "categories": ["Red category"],
            "id": "AAMk1=",
            "body": {"content": "<html><body><p>One &amp; two</p><p>end</p></body></html>", "contentType": "html"},
            "dueDateTime": {"dateTime": "2026-02-01T00:00:00.0000000", "timeZone": "UTC"},
            "reminderDateTime": {"dateTime": "2026-01-31T08:30:00.0000000", "timeZone": "UTC"},
            "recurrence": {"pattern": {"type": "weekly", "interval": 1}, "range": {"type": "noEnd"}},
            "checklistItems": [
                {
                    "id": "c1",
                    "displayName": "Figures",
                    "createdDateTime": "2026-01-18T09:04:00.1234567Z",
                    "isChecked": True,
                    "checkedDateTime": "2026-01-18T10:00:00Z",
                }
            ],
            "linkedResources": [{"webUrl": "https://mail.example/2", "applicationName": "Mail", "displayName": "Re:"}],
        },
        {
            "importance": "normal",
            "isReminderOn": False,
            "status": "completed",
            "title": "Done",
            "createdDateTime": "2026-01-17T09:03:05Z",
            "lastModifiedDateTime": "2026-01-17T09:03:08Z",
            "id": "AAMk2=",
            "body": {"content": "", "contentType": "text"},
            "completedDateTime": {"dateTime": "2026-01-17T00:00:00.0000000", "timeZone": "UTC"},
        },
    ],
}
NEVER = "0001-01-01T00:00:00Z"
VIKUNJA = [
    {
        "id": 1,
        "title": "Garden",
        "description": "",
        "hex_color": "",
        "tasks": [
            {
                "id": 12,
                "title": "Plant tomatoes",
                "description": "<p>Six of them</p>",
                "done": False,
                "done_at": NEVER,
                "due_date": "2026-05-15T12:00:00Z",
                "reminders": None,
                "project_id": 1,
                "repeat_after": 0,
                "priority": 3,
                "start_date": NEVER,
                "end_date": NEVER,
                "assignees": None,
                "labels": [{"id": 1, "title": "outside", "hex_color": ""}],
                "hex_color": "",
                "percent_done": 0.5,
                "related_tasks": {"subtask": [{"id": 13, "title": "Buy pots"}]},
                "attachments": None,
                "is_favorite": False,
                "created": "2026-03-01T10:00:00Z",
                "updated": "2026-03-02T10:00:00Z",
                "comments": [{"id": 1, "comment": "<p>South side</p>", "created": "2026-03-02T10:00:00Z"}],
            },
            {
                "id": 13,
                "title": "Buy pots",
                "description": "",
                "done": True,
                "done_at": "2026-03-03T10:00:00Z",
                "due_date": NEVER,
                "priority": 0,
                "labels": None,
                "percent_done": 1,
                "related_tasks": {"parenttask": [{"id": 12, "title": "Plant tomatoes"}]},
                "created": "2026-02-01T10:00:00Z",
                "updated": "2026-03-03T10:00:00Z",
                "comments": [],
            },
        ],
    }
]
FILES = {
    "google": (json.dumps(GOOGLE), "Tasks.json"),
    "microsoft": (json.dumps(MICROSOFT, indent=2), "todo.json"),
    "todoist": (TODOIST, "Home.csv"),
    "vikunja": (json.dumps(VIKUNJA), "data.json"),
}


def written(folder, program, name=None):
    content, usual_name = FILES[program]
    file = folder / (name or usual_name)
    file.write_text(content)
    return file


def move_in(folder, program, *arguments):
    return run("import_tasks", written(folder, program), "--user-id", OWNER, *arguments)


def tasks():
    names = ("title", "description", "is_completed", "created_at", "updated_at")
    return list(Task.objects.for_user(OWNER).values_list(*names))


def at(*numbers):
    return datetime(*numbers, tzinfo=UTC)


HINT = " With --notes append, descriptions end with what a task had.\n"


def test_google_tasks(db, tmp_path):
    _, said = move_in(tmp_path, "google")
    assert said == (
        "2 created, 0 updated, 0 skipped.\n"
        "Not imported: 1 list, 1 due date, 1 link, 1 subtask (now a task of its own), 1 completion time, "
        "1 task without a title or text, 1 deleted task." + HINT
    )
    assert tasks() == [
        ("Pegs", None, True, at(2026, 1, 2, 10), at(2026, 1, 3, 10)),
        ("Buy a tent", "For two", False, at(2026, 2, 2, 10, 0, 0, 123_000), at(2026, 2, 3, 10)),
    ]


def test_todoist(db, tmp_path):
    _, said = move_in(tmp_path, "todoist")
    assert said == (
        "4 created, 0 updated, 0 skipped.\n"
        "Not imported: 1 due date, 1 priority, 1 duration, 1 assignee, 1 label (still a word of the title), 1 comment, "
        "1 subtask (now a task of its own), 1 section." + HINT
    )
    assert [task[:3] for task in tasks()] == [
        ("Buy milk @errands", "Two\ncartons", False),
        ("Look in the fridge", None, False),
        ("Call Mum", None, False),
        ("Call Mum", None, False),
    ]


def test_microsoft_to_do(db, tmp_path):
    _, said = move_in(tmp_path, "microsoft")
    assert said == (
        "3 created, 0 updated, 0 skipped.\n"
        "Not imported: 2 completion times, 1 due date, 1 reminder, 1 status, 1 priority, 1 label, 1 repetition, "
        "1 link, 1 subtask (now a task of its own), 1 further page (the file links to it)." + HINT
    )
    assert tasks() == [
        ("Done", None, True, at(2026, 1, 17, 9, 3, 5), at(2026, 1, 17, 9, 3, 8)),
        (
            "Write the report",
            "One & two\nend",
            False,
            at(2026, 1, 18, 9, 3, 5, 833_919),
            at(2026, 1, 19, 9, 3, 8, 701_000),
        ),
        ("Figures", None, True, at(2026, 1, 18, 9, 4, 0, 123_456), at(2026, 1, 18, 9, 4, 0, 123_456)),
    ]


def test_microsoft_lists_with_their_tasks(db, tmp_path):
    lists = {"value": [{"displayName": "Work", "wellknownListName": "none", "tasks": MICROSOFT["value"]}]}
    (tmp_path / "lists.json").write_text(json.dumps(lists))
    _, said = run("import_tasks", tmp_path / "lists.json", "--user-id", OWNER)
    assert said.startswith("3 created, 0 updated, 0 skipped.\n")
    assert "1 list" in said


def test_vikunja(db, tmp_path):
    _, said = move_in(tmp_path, "vikunja")
    assert said == (
        "2 created, 0 updated, 0 skipped.\n"
        "Not imported: 1 list, 1 due date, 1 priority, 1 progress, 1 label, 1 comment, 1 completion time, "
        "1 subtask (now a task of its own)." + HINT
    )
    assert tasks() == [
        ("Buy pots", None, True, at(2026, 2, 1, 10), at(2026, 3, 3, 10)),
        ("Plant tomatoes", "Six of them", False, at(2026, 3, 1, 10), at(2026, 3, 2, 10)),
    ]


def test_microsoft_lists_without_their_tasks_are_named(db, tmp_path):
    lists = [{"displayName": name, "wellknownListName": "none", "id": name} for name in ("Work", "Home")]
    (tmp_path / "lists.json").write_text(json.dumps({"value": lists}))
    _, said = run("import_tasks", tmp_path / "lists.json", "--user-id", OWNER)
    assert said == "0 created, 0 updated, 0 skipped.\nNot imported: 2 lists without their tasks.\n"


def test_vikunja_projects_in_projects(db, tmp_path):
    child = {"title": "Child", "child_projects": None, "tasks": [{"id": 8, "title": "Inner", "done": False}]}
    parent = {"title": "Parent", "child_projects": [{"title": "Middle", "child_projects": [child], "tasks": None}]}
    (tmp_path / "data.json").write_text(json.dumps([parent]))
    _, said = run("import_tasks", tmp_path / "data.json", "--user-id", OWNER, "--format=vikunja", "--notes=append")
    assert said == "1 created, 0 updated, 0 skipped.\nIn the descriptions: 1 list.\n"
    assert [task[:2] for task in tasks()] == [("Inner", "List: Child")]


def test_google_tasks_in_tasks(db, tmp_path):
    inner = {"id": "b", "title": "Inner", "status": "needsAction"}
    outer = {"id": "a", "title": "Outer", "status": "needsAction", "items": [inner]}
    (tmp_path / "t.json").write_text(json.dumps({"items": [{"title": "Home", "items": [outer]}]}))
    _, said = run("import_tasks", tmp_path / "t.json", "--user-id", OWNER, "--notes=append")
    assert said.endswith("In the descriptions: 1 list, 1 subtask (now a task of its own).\n")
    assert [task[:2] for task in tasks()] == [("Outer", "List: Home"), ("Inner", "List: Home\nSubtask of: Outer")]


@pytest.mark.parametrize(
    ("program", "name", "left_out"),
    [("vikunja", "child_projects", ""), ("google", "items", "Not imported: 499 tasks without a title or text.\n")],
)
def test_deep_document_is_no_traceback(db, tmp_path, program, name, left_out):
    (tmp_path / "t.json").write_text(f'[{{"{name}":' * 500 + "[]" + "}]" * 500)
    _, said = run("import_tasks", tmp_path / "t.json", "--user-id", OWNER, "--format", program)
    assert said == f"0 created, 0 updated, 0 skipped.\n{left_out}"


@pytest.mark.parametrize("is_bare", [True, False])
def test_google_tasks_without_their_list(db, tmp_path, is_bare):
    items = [{"id": "a", "title": "Pegs", "status": "needsAction"}]
    (tmp_path / "t.json").write_text(json.dumps(items if is_bare else {"items": items}))
    _, said = run("import_tasks", tmp_path / "t.json", "--user-id", OWNER)
    assert said == "1 created, 0 updated, 0 skipped.\n"


@pytest.mark.parametrize(
    ("name", "content", "left_out"),
    [
        (
            "data.json",
            '[{"description": "a", "tasks": [{"id": 1, "title": "a", "percent_done": 0.5, "done": false},'
            ' {"id": 2, "title": "b", "percent_done": 0.5, "done": false}]}, {"description": "b", "hex_color": ""}]',
            "2 progress values, 2 descriptions of lists",
        ),
        ("Home.csv", "TYPE,CONTENT,PRIORITY\nnote,a\nnote,b\n", "2 comments on the project"),
        (
            "tasks.ics",
            "BEGIN:VTODO\nUID:1\nSUMMARY:a\nGEO:1;2\nEND:VTODO\nBEGIN:VTODO\nUID:2\nSUMMARY:b\nGEO:1;2\nEND:VTODO\n",
            "2 places on the map",
        ),
    ],
)
def test_two_of_a_kind_are_plural(db, tmp_path, name, content, left_out):
    (tmp_path / name).write_text(content)
    _, said = run("import_tasks", tmp_path / name, "--user-id", OWNER)
    assert said.splitlines()[1].removesuffix(HINT.rstrip()) == f"Not imported: {left_out}."


@pytest.mark.parametrize(
    ("program", "title", "description"),
    [
        (
            "google",
            "Buy a tent",
            "For two\n\nList: Home\nDue date: 2026-06-01\nLink: Offer https://mail.example/1",
        ),
        ("google", "Pegs", "List: Home\nSubtask of: Buy a tent\nCompletion time: 2026-01-03 10:00 UTC"),
        (
            "todoist",
            "Buy milk @errands",
            "Two\ncartons\n\nDue date: every day\nPriority: 1 (1 is the highest)\nDuration: 30 minute\n"
            "Assignee: Bob (2)\nComment: The blue ones",
        ),
        (
            "microsoft",
            "Write the report",
            "One & two\nend\n\nDue date: 2026-02-01\nReminder: 2026-01-31 08:30 UTC\nStatus: in progress\n"
            "Priority: high\nLabel: Red category\nRepetition: weekly\nLink: https://mail.example/2",
        ),
        (
            "vikunja",
            "Plant tomatoes",
            "Six of them\n\nList: Garden\nDue date: 2026-05-15 12:00 UTC\nPriority: 3 (5 is the highest)\n"
            "Progress: 50%\nLabel: outside\nComment: South side",
        ),
    ],
)
def test_notes_are_appended_in_words(db, tmp_path, program, title, description):
    _, said = move_in(tmp_path, program, "--notes", "append")
    assert Task.objects.get(title=title).description == description
    assert "In the descriptions: " in said


@pytest.mark.parametrize("program", FILES)
def test_second_import_changes_nothing(db, tmp_path, program):
    move_in(tmp_path, program)
    before = list(Task.objects.values())
    for policy in ("skip", "update"):
        _, said = move_in(tmp_path, program, "--on-conflict", policy)
        assert said.startswith(f"0 created, 0 updated, {len(before)} skipped.\n")
    assert list(Task.objects.values()) == before
    assert {task["id"].version for task in before} == {8}


@pytest.mark.parametrize("program", FILES)
@pytest.mark.parametrize("name", ["export", "export.txt"])
def test_content_tells_the_program(db, tmp_path, program, name):
    _, said = run("import_tasks", written(tmp_path, program, name), "--user-id", OWNER)
    assert " created, 0 updated, 0 skipped.\n" in said


@pytest.mark.parametrize("program", FILES)
def test_format_names_the_program(db, tmp_path, program):
    _, said = run("import_tasks", written(tmp_path, program, "x"), "--user-id", OWNER, "--format", program)
    assert " created, 0 updated, 0 skipped.\n" in said


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("google", "Google Tasks"),
        ("microsoft", "Microsoft To Do"),
        ("todoist", "Todoist"),
        ("vikunja", "Vikunja"),
    ],
)
def test_owner_has_to_be_named(db, tmp_path, program, name):
    file = written(tmp_path, program)
    _, sentence = failing("import_tasks", file)
    assert sentence == f"{file} comes from {name}, which names no owners: add --user-id ID."


def test_two_users_move_in_with_the_same_file(db, tmp_path):
    move_in(tmp_path, "google")
    _, said = run("import_tasks", written(tmp_path, "google"), "--user-id", STRANGER)
    assert said.startswith("2 created, 0 updated, 0 skipped.\n")


def test_task_added_to_a_todoist_project_is_the_only_new_one(db, tmp_path):
    move_in(tmp_path, "todoist")
    header, rest = TODOIST.split("\n", 1)
    (tmp_path / "more.csv").write_text(f"{header}\ntask,First of all,,4,1,,,,,,,,,,,\n{rest}")
    _, said = run("import_tasks", tmp_path / "more.csv", "--user-id", OWNER)
    assert said.startswith("1 created, 0 updated, 4 skipped.\n")


def test_dry_run_shows_the_first_ten_tasks(db, tmp_path):
    document = {"kind": "tasks#tasks", "items": [{"id": str(n), "title": f"Task {n}"} for n in range(12)]}
    (tmp_path / "t.json").write_text(json.dumps(document))
    shown, said = run("import_tasks", tmp_path / "t.json", "--user-id", OWNER, "--dry-run")
    assert [json.loads(line)["title"] for line in shown.splitlines()] == [f"Task {n}" for n in range(10)]
    assert said == "12 created, 0 updated, 0 skipped; a dry run, so nothing was written.\n"
    assert list(json.loads(shown.splitlines()[0])) == [
        "id", "user_id", "title", "description", "is_completed", "created_at", "updated_at",
    ]  # fmt: skip
    assert not Task.objects.exists()


def google_task(folder, **members):
    document = {"kind": "tasks#tasks", "items": [{"id": "1", "created": "2026-01-01T00:00:00Z"} | members]}
    (folder / "t.json").write_text(json.dumps(document))
    _, said = run("import_tasks", folder / "t.json", "--user-id", OWNER)
    (task,) = tasks()
    return task[0], task[1], said


def test_long_title_stands_in_full_in_the_description(db, tmp_path):
    title, description, said = google_task(tmp_path, title="x" * 501, notes="More")
    assert (title, description) == ("x" * 499 + "…", "x" * 501 + "\n\nMore")
    assert said.startswith("task 1: The title has 501 characters; the description has it in full\n1 created")


def test_long_description_is_cut_and_that_is_told(db, tmp_path):
    _, description, said = google_task(tmp_path, title="a", notes="y" * 5001)
    assert description == "y" * 4999 + "…"
    assert said == (
        "task 1: The description has 5,001 characters; the rest after 5,000 was left out\n"
        "1 created, 0 updated, 0 skipped.\nNot imported: 1 end of a long description.\n"
    )


def test_first_line_stands_in_for_a_missing_title(db, tmp_path):
    title, description, _ = google_task(tmp_path, title=" ", notes="\nOne\nTwo")
    assert (title, description) == ("One", "Two")


@pytest.mark.parametrize(
    ("created", "moment"), [("1969-07-20T20:17:00Z", 1969), ("9999-12-31T23:59:59Z", 9999), (5, None), ("soon", None)]
)
def test_odd_creation_times(db, tmp_path, created, moment):
    google_task(tmp_path, title="a", created=created)
    assert moment in (None, tasks()[0][3].year)


@pytest.mark.parametrize(
    "content",
    [
        '{"kind": "tasks#taskLists", "items": ' + "[" * 100_000,
        '{"kind": "tasks#taskLists", "items": [{"title": "cut',
        '{"kind": "tasks#taskLists", "items": ' + "1" * 100_000 + "]",
    ],
)
def test_document_that_is_not_whole_json_ends_in_one_sentence(db, tmp_path, content):
    (tmp_path / "t.json").write_text(content)
    _, sentence = failing("import_tasks", tmp_path / "t.json", "--user-id", OWNER)
    assert sentence.startswith("The file is not whole JSON: ")


@pytest.mark.parametrize(
    "content",
    [
        '"tasks#"',
        "5",
        "[]",
        '{"items": 5}',
        '{"items": [5, {"items": [5, {}, {"id": {}, "title": 5}]}]}',
        '[{"categories": 5, "tasks": 5, "done": 1, "labels": 3}]',
    ],
)
@pytest.mark.parametrize("program", ["google", "microsoft", "vikunja"])
def test_members_of_other_types_are_no_traceback(db, tmp_path, program, content):
    (tmp_path / "t.json").write_text(content)
    _, said = run("import_tasks", tmp_path / "t.json", "--user-id", OWNER, "--format", program)
    assert said.startswith("0 created")


def test_huge_document_ends_in_one_sentence(db, tmp_path):
    with (tmp_path / "t.json").open("wb") as file:
        file.write(b'{"kind": "tasks#taskLists", "items": [')
        file.write(b" " * (65 * 2**20))
    _, sentence = failing("import_tasks", tmp_path / "t.json", "--user-id", OWNER)
    assert sentence == "The file is larger than 64 MiB: split it. 0 created, 0 updated, 0 skipped."
