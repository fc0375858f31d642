from tests.conftest import OWNER


def test_deleted_task_is_gone_for_good(api):
    kept, deleted = api.create(), api.create()
    path = f"/api/{OWNER}/tasks/{deleted['id']}"

    response = api.send("DELETE", path)

    assert (response.status_code, response.json()) == (200, {"message": "Task deleted successfully"})
    assert api.tasks() == [kept]
    for method in ("GET", "DELETE"):
        again = api.send(method, path)
        assert (again.status_code, again.json()) == (404, {"detail": "Task not found"})


def test_delete_sends_one_statement(api, statements):
    task = api.create()
    statements.clear()

    api.send("DELETE", f"/api/{OWNER}/tasks/{task['id']}")

    assert len(statements) == 1
