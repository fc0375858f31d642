import gc
import json
import weakref

from django.test import RequestFactory
from django.test.client import ClientHandler

from tasks.models import Task
from tasks.serializers import TaskSerializer
from tasks.statements import PAGE_SIZE
from tests.conftest import OWNER, STRANGER
from todo_project.api.renderers import dumps


def test_user_without_tasks_has_an_empty_list(api):
    response = api.send("GET", f"/api/{OWNER}/tasks")

    assert (response.status_code, response.content) == (200, b"[]")


def test_tasks_come_oldest_first_as_they_were_created(api):
    created = [api.create(title=f"Task {number}", description=None) for number in range(3)]

    response = api.send("GET", f"/api/{OWNER}/tasks")

    assert response.status_code == 200
    assert response.json() == created


def test_list_holds_no_task_of_another_user(api):
    api.create(STRANGER, title="A secret")
    own = api.create(OWNER)

    assert api.tasks(OWNER) == [own]


def test_user_ids_are_case_sensitive_and_never_trimmed(api):
    for user_id in ("Owner", "owner%20", "%20owner", "owner."):
        api.create(user_id)

    assert api.tasks("owner") == []


def test_list_sends_one_statement_for_one_task_and_for_three(api, statements):
    for count in (1, 3):
        while len(api.tasks()) < count:
            api.create()
        statements.clear()
        api.tasks()
        assert len(statements) == 1


def test_list_may_be_kept_by_its_user_alone_and_only_if_asked_again(api):
    response = api.send("GET", f"/api/{OWNER}/tasks")

    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Type"] == "application/json"


def test_accept_is_not_negotiated(api):
    response = api.send("GET", f"/api/{OWNER}/tasks", accept="text/html;q=1, application/xml")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_head_answers_as_get_without_the_body(api):
    api.create()
    expected = api.send("GET", f"/api/{OWNER}/tasks")

    response = api.send("HEAD", f"/api/{OWNER}/tasks")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers == expected.headers


def test_list_longer_than_a_page_is_streamed_whole_and_in_order(api, statements):
    tasks = [
        Task(user_id=user, title=f"Task {number}") for number in range(2 * PAGE_SIZE) for user in (OWNER, STRANGER)
    ]
    Task.objects.bulk_create(tasks)
    statements.clear()

    response = api.send("GET", f"/api/{OWNER}/tasks")
    listed = json.loads(b"".join(response.streaming_content))

    assert [task["title"] for task in listed] == [f"Task {number}" for number in range(2 * PAGE_SIZE)]
    assert {task["user_id"] for task in listed} == {OWNER}
    assert len(statements) == 2


def test_list_of_a_whole_page_is_one_statement_and_one_answer(api, statements):
    Task.objects.bulk_create([Task(user_id=OWNER, title="A task") for _ in range(PAGE_SIZE)])
    statements.clear()

    response = api.send("GET", f"/api/{OWNER}/tasks")

    assert len(response.json()) == PAGE_SIZE
    assert int(response["Content-Length"]) == len(response.content)
    assert len(statements) == 1
    assert response.content == dumps(TaskSerializer(Task.objects.for_user(OWNER), many=True).data)


def test_an_answer_takes_no_memory_once_it_is_sent(api):
    environ = RequestFactory().get(f"/api/{OWNER}/tasks").environ
    answer = ClientHandler(enforce_csrf_checks=False)
    gc.disable()
    try:
        response = answer(environ)
        assert response.content == b"[]"
        kept = weakref.ref(response)
        del response
        assert kept() is None
    finally:
        gc.enable()
