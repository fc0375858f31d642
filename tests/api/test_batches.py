"""`POST …/tasks/batch` creates up to 100 tasks, all of them or none."""

from datetime import datetime

import pytest

from tests.conftest import OWNER, STRANGER
from tests.support.queries import problems_of

TASKS = f"/api/{OWNER}/tasks"
BATCH = f"{TASKS}/batch"


def test_batch_answers_with_the_tasks_in_order(api):
    bodies = [
        {"title": " Buy milk "},
        {"title": "Buy bread", "description": " two\nloaves ", "is_completed": True},
        {"title": "x" * 500, "description": None, "id": "x", "user_id": STRANGER, "extra": [1]},
    ]

    response = api.send("POST", BATCH, {"tasks": bodies, "unknown": 1})

    tasks = response.json()
    assert response.status_code == 201
    assert [list(task) for task in tasks] == [
        ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
    ] * 3
    assert [tuple(task.values())[1:5] for task in tasks] == [
        (OWNER, "Buy milk", None, False),
        (OWNER, "Buy bread", " two\nloaves ", True),
        (OWNER, "x" * 500, None, False),
    ]
    assert all(task["created_at"] == task["updated_at"] for task in tasks)
    assert api.tasks() == tasks
    assert api.tasks(STRANGER) == []


def test_batch_has_the_headers_of_a_create_without_tag_and_location(api):
    single = api.send("POST", TASKS, {"title": "A task"})

    batch = api.send("POST", BATCH, {"tasks": [{"title": "A task"}]})

    assert set(batch.headers) == set(single.headers) - {"ETag", "Location"}
    assert batch["Cache-Control"] == "private, no-cache"
    assert batch["Content-Length"] == str(len(batch.content))


@pytest.mark.parametrize("count", [1, 3, 100])
def test_batch_sends_one_statement(api, statements, count):
    response = api.send("POST", BATCH, {"tasks": [{"title": f"Task {number}"} for number in range(count)]})

    assert (response.status_code, len(response.json()), len(statements)) == (201, count, 1)


def test_tasks_of_batches_are_in_the_order_of_their_creation(api):
    before = api.create()
    batches = [api.send("POST", BATCH, {"tasks": [{"title": f"{n}"} for n in range(100)]}).json() for _ in range(2)]
    after = api.create()

    everything = [before, *batches[0], *batches[1], after]
    assert api.tasks() == everything
    assert [task["id"] for task in everything] == sorted({task["id"] for task in everything})
    moments = [datetime.fromisoformat(task["created_at"]) for task in everything]
    assert moments == sorted(moments)


def test_task_of_a_batch_is_a_task_like_any_other(api):
    [task] = api.send("POST", BATCH, {"tasks": [{"title": "A task"}]}).json()
    path = f"{TASKS}/{task['id']}"

    response = api.send("GET", path)

    assert (response.json(), response["ETag"]) == (task, f'"{task["updated_at"]}"')
    assert api.send("PUT", path, {"title": "New"}, if_match=response["ETag"]).json()["title"] == "New"


WRONG_LISTS = [
    (b"{}", ["body", "tasks"], "missing"),
    (b'{"tasks":null}', ["body", "tasks"], "list_type"),
    (b'{"tasks":{}}', ["body", "tasks"], "list_type"),
    (b'{"tasks":{"0":{"title":"x"}}}', ["body", "tasks"], "list_type"),
    (b'{"tasks":"x"}', ["body", "tasks"], "list_type"),
    (b'{"tasks":1}', ["body", "tasks"], "list_type"),
    (b'{"tasks":true}', ["body", "tasks"], "list_type"),
    (b'{"tasks":[]}', ["body", "tasks"], "too_short"),
    (b'{"tasks":[%s]}' % b",".join([b'{"title":"x"}'] * 101), ["body", "tasks"], "too_long"),
    (b'{"tasks":[%s]}' % b",".join([b'{"title":"x"}'] * 5_000), ["body", "tasks"], "too_long"),
    (b'{"Tasks":[{"title":"x"}]}', ["body", "tasks"], "missing"),
    (b'{"tasks":[{"title":"x"}],"tasks":[]}', ["body", "tasks"], "too_short"),
    (b'[{"title":"x"}]', ["body"], "model_type"),
    (b"null", ["body"], "model_type"),
    (b"", ["body"], "missing"),
    *[
        (b'{"tasks":[%s]}' % item, ["body", "tasks", 0], "model_type")
        for item in (b"null", b"1", b'"x"', b"[]", b"true")
    ],
    (b'{"tasks":[{"title":"x"},[{"title":"x"}]]}', ["body", "tasks", 1], "model_type"),
]


@pytest.mark.parametrize(("body", "loc", "type"), WRONG_LISTS)
def test_body_that_is_no_list_of_tasks_is_refused(api, statements, body, loc, type):
    response = api.send("POST", BATCH, body)

    assert (response.status_code, problems_of(response)) == (422, [(loc, type)])
    assert statements == []


def test_every_problem_of_every_task_is_told_and_nothing_is_created(api, statements):
    tasks = [
        {"title": "Good"},
        {"title": "", "description": 5},
        {},
        {"title": "x" * 501, "is_completed": 1},
        "x",
        {"title": "a\0b", "description": "x" * 5_001},
        {"title": "Good"},
    ]

    response = api.send("POST", BATCH, {"tasks": tasks})

    assert response.status_code == 422
    assert problems_of(response) == [
        (["body", "tasks", 1, "title"], "string_too_short"),
        (["body", "tasks", 1, "description"], "string_type"),
        (["body", "tasks", 2, "title"], "missing"),
        (["body", "tasks", 3, "title"], "string_too_long"),
        (["body", "tasks", 3, "is_completed"], "bool_type"),
        (["body", "tasks", 4], "model_type"),
        (["body", "tasks", 5, "title"], "value_error"),
        (["body", "tasks", 5, "description"], "string_too_long"),
    ]
    assert statements == []
    assert api.tasks() == []


def test_problem_of_a_task_in_a_batch_is_worded_as_that_of_a_single_one(api):
    single = api.send("POST", TASKS, {"title": "", "description": 5, "is_completed": 1}).json()["detail"]

    batch = api.send("POST", BATCH, {"tasks": [{"title": "", "description": 5, "is_completed": 1}]}).json()["detail"]

    assert batch == [problem | {"loc": ["body", "tasks", 0, *problem["loc"][1:]]} for problem in single]


def test_problems_of_a_hundred_tasks_are_all_told(api):
    response = api.send("POST", BATCH, {"tasks": [{}] * 100})

    assert problems_of(response) == [(["body", "tasks", number, "title"], "missing") for number in range(100)]


@pytest.mark.parametrize("body", [b'{"tasks":', b"NaN", b"[" * 60_000, b"\xff"])
def test_what_is_not_json_is_json_invalid(api, body):
    response = api.send("POST", BATCH, body)

    (problem,) = response.json()["detail"]
    assert (response.status_code, problem["loc"][0], problem["type"]) == (422, "body", "json_invalid")


def test_other_refusals_are_those_of_a_create(api):
    assert api.send("POST", BATCH, {"tasks": [{"title": "x"}]}, "text/plain").status_code == 415
    assert api.send("POST", BATCH, {"tasks": [{"title": "x", "pad": "x" * 131_072}]}).status_code == 413
    assert problems_of(api.send("POST", "/api/%00/tasks/batch", {})) == [
        (["path", "user_id"], "value_error"),
        (["body", "tasks"], "missing"),
    ]
    assert api.tasks() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_batch_takes_post_alone(api, method):
    task = api.create()

    response = api.send(method, BATCH, {"title": "x"})

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert api.tasks() == [task]


@pytest.mark.parametrize(("method", "path"), [("POST", "/batch/"), ("POST", "/batch/x"), ("POST", "/Batches/x/y")])
def test_path_beside_it_is_nowhere(api, method, path):
    response = api.send(method, TASKS + path, {"tasks": [{"title": "x"}]})

    assert (response.status_code, response.json()) == (404, {"detail": "Not found"})


def test_batch_is_the_id_of_no_task(api):
    for method, path in (("PATCH", f"{BATCH}/complete"), ("PUT", f"{TASKS}/Batch"), ("GET", f"{TASKS}/batc%68x")):
        response = api.send(method, path, {"title": "x"} if method == "PUT" else b"")
        assert (response.status_code, response.json()) == (404, {"detail": "Task not found"})
