import pytest

from tests.conftest import JSON, OWNER


@pytest.fixture
def task(api):
    return api.create(description="x")


@pytest.fixture
def path(task):
    return f"/api/{OWNER}/tasks/{task['id']}/complete"


def test_completion_flips_each_time_and_nothing_else_but_updated_at(api, task, path):
    for state in (True, False, True):
        response = api.send("PATCH", path)
        assert response.status_code == 200
        assert response.json() == task | {"is_completed": state, "updated_at": response.json()["updated_at"]}
        assert response.json()["updated_at"] > task["updated_at"]
    assert api.tasks() == [response.json()]


@pytest.mark.parametrize("state", [True, False])
def test_state_in_the_body_is_set_so_that_a_retry_is_harmless(api, path, state):
    states = [api.send("PATCH", path, {"is_completed": state}).json()["is_completed"] for _ in range(2)]

    assert states == [state, state]


@pytest.mark.parametrize("body", [b"{}", b'{"title": "ignored"}'])
def test_body_without_the_state_flips_it(api, task, path, body):
    changed = api.send("PATCH", path, body).json()

    assert (changed["is_completed"], changed["title"]) == (True, task["title"])


@pytest.mark.parametrize("content_type", [JSON, "", "text/plain"])
def test_no_body_is_needed_whatever_type_it_would_have(api, path, content_type):
    assert api.send("PATCH", path, content_type=content_type).json()["is_completed"] is True


@pytest.mark.parametrize("body", [b"null", b" null\n"])
def test_body_that_is_null_is_no_body(api, path, body):
    assert api.send("PATCH", path, body).json()["is_completed"] is True


@pytest.mark.parametrize("body", [b"", b"null", {"is_completed": True}])
def test_toggle_sends_one_statement(api, path, statements, body):
    statements.clear()

    api.send("PATCH", path, body)

    assert len(statements) == 1


@pytest.mark.parametrize("value", [None, 1, 0, "true", [], {}])
def test_state_is_a_json_boolean_and_nothing_else(api, path, value):
    response = api.send("PATCH", path, {"is_completed": value})

    problem = {"loc": ["body", "is_completed"], "msg": "Input should be a valid boolean", "type": "bool_type"}
    assert (response.status_code, response.json()) == (422, {"detail": [problem]})
    assert api.tasks()[0]["is_completed"] is False
