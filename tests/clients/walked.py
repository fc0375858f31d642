"""The answers that the generated clients must get."""

import json


def without_times(body):
    if isinstance(body, list):
        return [without_times(item) for item in body]
    return {name: value for name, value in body.items() if name not in ("created_at", "updated_at")}


def assert_walked(printed, user_id, invalid):
    """`invalid` is the one problem of the second createTask."""
    steps = json.loads(printed)
    details = steps.pop("details")
    seen = {name: [status, without_times(body)] for name, (status, body) in steps.items()}
    task = {"id": seen["createTask"][1]["id"], "user_id": user_id, "title": "Walk"}
    task |= {"description": None, "is_completed": False}
    changed = task | {"title": "Run", "description": ""}
    assert seen == {
        "createTask": [201, task],
        "listTasks": [200, [task]],
        "getTask": [200, task],
        "updateTask": [200, changed],
        "toggleTaskComplete": [200, changed | {"is_completed": True}],
        "retried": [200, changed | {"is_completed": True}],
        "flipped": [200, changed],
        "deleteTask": [200, {"message": "Task deleted successfully"}],
        "notFound": [404, {"detail": "Task not found"}],
        "invalid": [422, {"detail": [invalid]}],
    }
    assert details == [2, ["Task not found", [invalid]]]


# Filters, pages, conditions, keys and bulk writes

REUSED = {
    "loc": ["header", "idempotency-key"],
    "msg": "The key was used with another body",
    "type": "value_error",
}
BLANK = {
    "loc": ["body", "tasks", 1, "title"],
    "msg": "String should have at least 1 character",
    "type": "string_too_short",
}
NO_FILTER = {"loc": ["query"], "msg": "At least one filter is required", "type": "missing"}
SHOWN = ("etag", "link", "idempotency-replayed")


def assert_features_walked(printed, user_id):
    """Each step of a walk has a status, a body and headers. A list's tag and the cursor of a link are opaque."""
    steps = json.loads(printed)
    bodies = {name: body for name, (_, body, _) in steps.items()}
    milk, (bread, ada) = bodies["createTask"], bodies["createTasks"]
    changed, done = bodies["updateTask"], bodies["toggleTaskComplete"]
    assert_tasks_are_new(user_id, [milk, bread, ada])
    assert changed == milk | {"title": "Buy oat milk", "updated_at": changed["updated_at"]}
    assert done == changed | {"is_completed": True, "updated_at": done["updated_at"]}
    list_tag = {"etag": steps["filtered"][2]["etag"]}
    seen = {name: [status, body, shown(headers)] for name, (status, body, headers) in steps.items()}
    assert seen["firstPage"][2].pop("link").endswith('>; rel="next"')
    for name in ("firstPage", "lastPage", "empty"):
        assert seen[name][2].pop("etag") != list_tag["etag"]
    assert seen == {
        "createTask": [201, milk, tag(milk)],
        "replayed": [201, milk, tag(milk) | {"idempotency-replayed": "true"}],
        "reused": [422, {"detail": [REUSED]}, {}],
        "createTasks": [201, [bread, ada], {}],
        "invalid": [422, {"detail": [BLANK]}, {}],
        "filtered": [200, [milk, bread], list_tag],
        "unchangedList": [304, None, list_tag],
        "firstPage": [200, [ada, bread], {}],
        "lastPage": [200, [milk], {}],
        "getTask": [200, milk, tag(milk)],
        "unchanged": [304, None, tag(milk)],
        "updateTask": [200, changed, {}],
        "conflict": [412, {"detail": "The task has changed"}, tag(changed)],
        "toggleTaskComplete": [200, done, tag(done)],
        "completeTasks": [200, {"updated": 1}, {}],
        "deleteTask": [200, {"message": "Task deleted successfully"}, {}],
        "noFilter": [422, {"detail": [NO_FILTER]}, {}],
        "deleteTasks": [200, {"deleted": 2}, {}],
        "empty": [200, [], {}],
    }


def assert_tasks_are_new(user_id, tasks):
    members = {"user_id": user_id, "description": None, "is_completed": False}
    titles = ["Buy milk", "Buy bread", "Call Ada"]
    assert [without_times(task) for task in tasks] == [
        {"id": task["id"], "title": title} | members for task, title in zip(tasks, titles, strict=True)
    ]


def shown(headers):
    return {name: headers[name] for name in SHOWN if name in headers}


def tag(task):
    return {"etag": f'"{task["updated_at"]}"'}


# The parts of walk_page.ts

INVALID = "String should have at least 1 character; String should have at most 5000 characters"
NOW = ["Buy oat milk", "Two litres"]
PARTS = {
    "module": {"states": [True, True, True, True], "errors": [[422, INVALID], [404, "Task not found"]]},
    "pages": {"lengths": [100, 2], "found": [["Buy tea", "Buy bread"], ["Buy milk"]]},
    "save": {
        "results": [True, True, False],
        "shown": [
            # Nobody else has written.
            ["Buy oat milk", None],
            ["Buy oat milk", None],
            # The title was changed meanwhile: this shows the new description, the task as it is, and both.
            ["Buy milk", "Two litres"],
            ["Buy oat milk", None],
            NOW,
            NOW,
            # The title was changed meanwhile, and this would overwrite it.
            ["Buy soy milk", None],
            NOW,
            # The service refuses it.
            [" ", "Two litres"],
            NOW,
        ],
        "refused": 422,
        "kept": NOW,
    },
    "createOnce": {"isSame": True, "listed": ["Once", "Another"], "other": "Another", "refused": 422},
    "poll": {"shown": [["Seen"], ["Changed"]], "statuses": [200, 304, 200, 304]},
    "many": {
        "made": ["Buy milk", "Buy bread", "Call Ada"],
        "refused": [BLANK],
        "counts": [{"updated": 2}, {"deleted": 2}],
        "left": ["Call Ada"],
    },
}
