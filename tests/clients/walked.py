"""The answers that both generated clients must get."""

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
