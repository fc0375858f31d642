"""`Idempotency-Key`: a create that is sent again makes nothing more, and answers with the task as it is now."""

import pytest
from django.db import connection, transaction

from tests.conftest import OWNER, STRANGER
from tests.support.queries import problems_of

TASKS = f"/api/{OWNER}/tasks"
BODY = {"title": "A task", "description": "x"}
WRONG_KEY = [(["header", "idempotency-key"], "value_error")]


def create(api, key, body=BODY, user_id=OWNER, suffix=""):
    # PostgreSQL refuses another body. Without a savepoint that would end the test's transaction.
    with transaction.atomic():
        response = api.send("POST", f"/api/{user_id}/tasks{suffix}", body, idempotency_key=key)
        transaction.set_rollback(connection.vendor == "postgresql" and response.status_code == 422)
    return response


def sent(statements):
    return [sql for sql in statements if "SAVEPOINT" not in sql]


def assert_replayed(response, first, task):
    """The same answer as the first, with the task as it is now."""
    assert (response.status_code, response.json()) == (201, task)
    assert (response["Location"], response["ETag"]) == (first["Location"], f'"{task["updated_at"]}"')
    assert response["Idempotency-Replayed"] == "true"
    assert set(response.headers) == {*first.headers, "Idempotency-Replayed"}


def assert_new(response, *others):
    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers
    assert response.json()["id"] not in [task["id"] for task in others]


def assert_refused(api, response, tasks):
    assert (response.status_code, problems_of(response)) == (422, WRONG_KEY)
    assert api.tasks() == tasks


def test_first_create_with_a_key_is_as_one_without(api, statements):
    plain = api.send("POST", TASKS, BODY)
    statements.clear()

    keyed = create(api, "key")

    assert len(sent(statements)) == 1
    assert_new(keyed, plain.json())
    made = {"id", "created_at", "updated_at"}
    assert {name: value for name, value in keyed.json().items() if name not in made} == {
        name: value for name, value in plain.json().items() if name not in made
    }
    assert list(keyed.json()) == list(plain.json())
    assert set(keyed.headers) == set(plain.headers)
    assert api.tasks() == [plain.json(), keyed.json()]


def test_same_key_and_body_again_make_nothing_more(api, statements):
    first = create(api, "key")
    statements.clear()

    second = create(api, "key")

    assert len(sent(statements)) <= 2
    assert_replayed(second, first, first.json())
    assert second.content == first.content
    assert api.tasks() == [first.json()]


def test_task_comes_as_it_is_now_however_often_it_is_asked_for(api):
    first = create(api, "key")
    path = f"{TASKS}/{first.json()['id']}"
    changes = [("PUT", path, {"title": "New", "description": None}), ("PATCH", f"{path}/complete", b"")]

    for change in changes:
        changed = api.send(*change).json()
        assert_replayed(create(api, "key"), first, changed)
    assert api.tasks() == [changed]


BODIES = {
    "another title": {"title": "Another", "description": "x"},
    "a title in capitals": {"title": "A TASK", "description": "x"},
    "no description": {"title": "A task"},
    "description of null": {"title": "A task", "description": None},
    "an empty description": {"title": "A task", "description": ""},
    "a description with a blank": {"title": "A task", "description": "x "},
    "completed": BODY | {"is_completed": True},
    "title and description swapped": {"title": "x", "description": "A task"},
    "all in the title": {"title": "A task x"},
}


@pytest.mark.parametrize("name", BODIES)
def test_same_key_with_another_body_is_refused(api, statements, name):
    task = create(api, "key").json()
    statements.clear()

    response = create(api, "key", BODIES[name])

    assert len(sent(statements)) <= 2
    assert_refused(api, response, [task])
    assert "Idempotency-Replayed" not in response.headers


SAME = {
    "members in another order": b'{"description":"x","title":"A task"}',
    "white space and escapes": b'{ "title" : "\\u0041 task",\n"description":"\\u0078" }',
    "a title to trim": b'{"title":" A task\\t","description":"x"}',
    "unknown members": b'{"title":"A task","description":"x","id":1,"y":[]}',
    "the last of two titles": b'{"title":"B","title":"A task","description":"x"}',
}


@pytest.mark.parametrize("name", SAME)
def test_body_is_the_same_where_it_means_the_same(api, name):
    first = create(api, "key")

    assert_replayed(create(api, "key", SAME[name]), first, first.json())


def test_body_is_compared_with_that_of_the_create_and_not_with_the_task(api):
    first = create(api, "key")
    path = f"{TASKS}/{first.json()['id']}"
    changed = api.send("PUT", path, {"title": "Another"}).json()

    assert_refused(api, create(api, "key", {"title": "Another", "description": "x"}), [changed])
    assert_replayed(create(api, "key"), first, changed)


def test_another_key_makes_another_task(api):
    first, second, plain = create(api, "key"), create(api, "Key"), api.create(**BODY)

    assert_new(second, first.json())
    assert api.tasks() == [first.json(), second.json(), plain]


def test_creates_without_a_key_are_never_replayed(api):
    for _ in range(2):
        assert_new(api.send("POST", TASKS, BODY))
    assert len(api.tasks()) == 2


def test_key_lives_as_long_as_its_task(api):
    first = create(api, "key")
    api.send("DELETE", f"{TASKS}/{first.json()['id']}")

    second = create(api, "key", {"title": "Another"})

    assert_new(second, first.json())
    assert api.tasks() == [second.json()]
    assert_replayed(create(api, "key", {"title": "Another"}), second, second.json())


def test_key_is_free_after_a_bulk_delete(api):
    first = create(api, "key")
    assert api.send("DELETE", f"{TASKS}?is_completed=false").json() == {"deleted": 1}

    assert_new(create(api, "key"), first.json())


def test_key_belongs_to_its_user(api):
    own = create(api, "key")
    foreign = create(api, "key", {"title": "Another"}, STRANGER)

    assert_new(foreign, own.json())
    assert (api.tasks(), api.tasks(STRANGER)) == ([own.json()], [foreign.json()])
    assert_replayed(create(api, "key"), own, own.json())


def test_create_that_was_refused_leaves_the_key_free(api):
    assert create(api, "key", {"title": ""}).status_code == 422

    assert_new(create(api, "key"))


# The key


KEYS = [
    "a",
    "x" * 255,
    "!",
    "~",
    "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "a/b=c;d,e",
    "'",
    "%00",
    "\\",
    "{}",
    "\\n",
    "--",
]


@pytest.mark.parametrize("key", KEYS)
def test_key_is_any_visible_ascii_quoted_or_bare(api, key):
    first = create(api, key)
    assert_new(first)

    assert_replayed(create(api, f" {key}\t"), first, first.json())
    assert_replayed(create(api, f'"{key}"'), first, first.json())


def test_key_is_case_sensitive_and_whole(api):
    keys = ["key", "KEY", "ke", "keyy", "x" * 255, "x" * 254, "key,key", "k%65y"]
    tasks = [create(api, key).json() for key in keys]

    assert len({task["id"] for task in tasks}) == len(keys)


BAD_KEYS = ["", " ", '""', "x" * 256, '"%s"' % ("x" * 256), "x" * 8_000, "a b", '"a b"', "a\tb", "a\r\nb"]
BAD_KEYS += ["a\x00", "a\x7f", "a\x1f", "\x80", "\xff", "é", '"é"']
BAD_KEYS += [text.encode().decode("latin-1") for text in ("é", "ключ", "😀")]


@pytest.mark.parametrize(("suffix", "body"), [("", BODY), ("/batch", {"tasks": [BODY]})])
def test_key_that_is_none_is_refused(api, statements, suffix, body):
    for key in BAD_KEYS:
        response = api.send("POST", TASKS + suffix, body, idempotency_key=key)
        assert (key, response.status_code, problems_of(response)) == (key, 422, WRONG_KEY)
    assert statements == []


def test_problems_come_in_the_order_path_header_body(api):
    response = api.send("POST", "/api/%00/tasks", {"title": ""}, idempotency_key="a b")

    assert response.status_code == 422
    assert problems_of(response) == [
        (["path", "user_id"], "value_error"),
        *WRONG_KEY,
        (["body", "title"], "string_too_short"),
    ]


@pytest.mark.parametrize("key", ["key", "a b"])
def test_key_means_nothing_to_other_operations(api, key):
    task = api.create()
    path = f"{TASKS}/{task['id']}"
    requests = [
        ("GET", TASKS, b""),
        ("GET", path, b""),
        ("PUT", path, {"title": "One"}),
        ("PUT", path, {"title": "Two"}),
        ("PATCH", f"{path}/complete", b""),
        ("PATCH", f"{path}/complete", b""),
        ("PATCH", TASKS, {"is_completed": True}),
        ("DELETE", f"{TASKS}?is_completed=true", b""),
    ]

    responses = [api.send(*request, idempotency_key=key) for request in requests]

    assert [response.status_code for response in responses] == [200] * len(requests)
    assert [response.json()["is_completed"] for response in responses[4:6]] == [True, False]
    assert not any("Idempotency-Replayed" in response.headers for response in responses)


def test_key_and_its_digest_are_in_no_answer(api):
    response = create(api, "a-very-special-key")
    answers = [
        response,
        create(api, "a-very-special-key"),
        api.send("GET", TASKS),
        api.send("GET", response["Location"]),
    ]

    for answer in answers:
        assert b"special" not in answer.content
        assert "special" not in str(answer.headers)
        assert b"idempotency" not in answer.content


# Batches


BATCH = {"tasks": [{"title": "One"}, {"title": "Two"}, {"title": "Three"}]}


def create_many(api, key, body=BATCH, user_id=OWNER):
    return create(api, key, body, user_id, "/batch")


def assert_batch_replayed(response, tasks):
    assert (response.status_code, response.json()) == (201, tasks)
    assert response["Idempotency-Replayed"] == "true"


def test_first_batch_with_a_key_is_one_statement_and_not_replayed(api, statements):
    response = create_many(api, "key")

    assert len(sent(statements)) == 1
    assert (response.status_code, "Idempotency-Replayed" in response.headers) == (201, False)
    assert api.tasks() == response.json()
    assert [task["title"] for task in response.json()] == ["One", "Two", "Three"]


def test_same_batch_again_makes_nothing_more(api, statements):
    tasks = create_many(api, "key").json()
    changed = api.send("PATCH", f"{TASKS}/{tasks[1]['id']}/complete").json()
    statements.clear()

    response = create_many(api, "key")

    assert len(sent(statements)) <= 2
    assert_batch_replayed(response, [tasks[0], changed, tasks[2]])
    assert api.tasks() == response.json()


OTHER_BATCHES = {
    "one more": [*BATCH["tasks"], {"title": "Four"}],
    "one less": BATCH["tasks"][:2],
    "the first alone": BATCH["tasks"][:1],
    "another order": BATCH["tasks"][::-1],
    "the last one changed": [*BATCH["tasks"][:2], {"title": "Changed"}],
    "the first one changed": [{"title": "Changed"}, *BATCH["tasks"][1:]],
    "all of them changed": [{"title": "Changed"}] * 3,
    "one completed": [*BATCH["tasks"][:2], {"title": "Three", "is_completed": True}],
    "a hundred": [{"title": "One"}] * 100,
}


@pytest.mark.parametrize("name", OTHER_BATCHES)
def test_same_key_with_another_batch_is_refused(api, name):
    tasks = create_many(api, "key").json()

    assert_refused(api, create_many(api, "key", {"tasks": OTHER_BATCHES[name]}), tasks)


@pytest.mark.parametrize("count", [1, 3])
def test_single_create_and_batch_do_not_share_a_body(api, count):
    batch = {"tasks": [BODY] * count}
    single, many = create(api, "single").json(), create_many(api, "many", batch).json()

    assert_refused(api, create_many(api, "single", batch), [single, *many])
    assert_refused(api, create(api, "many"), [single, *many])


def test_batch_of_equal_tasks_makes_each_of_them_once(api):
    body = {"tasks": [BODY] * 100}
    tasks = create_many(api, "key", body).json()

    assert_batch_replayed(create_many(api, "key", body), tasks)
    assert (len({task["id"] for task in tasks}), api.tasks()) == (100, tasks)


def test_key_of_255_characters_fits_the_last_task_of_a_batch(api):
    body = {"tasks": [BODY] * 100}
    tasks = create_many(api, "x" * 255, body).json()

    assert_batch_replayed(create_many(api, "x" * 255, body), tasks)


def test_keys_that_look_like_a_place_in_a_batch_do_not_meet_it(api):
    tasks = create_many(api, "key").json()

    for key in ("key1", "key-1", "key,1", "key:1", "key/1", "key%201", "key+1", "key_1", "1"):
        response = create(api, key)
        assert_new(response, *tasks)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_only_a_task_of_the_batch_that_is_gone_is_made_again(api, place):
    tasks = create_many(api, "key").json()
    api.send("DELETE", f"{TASKS}/{tasks[place]['id']}")

    response = create_many(api, "key")

    again = response.json()
    assert (response.status_code, len(again)) == (201, 3)
    assert [task["title"] for task in again] == ["One", "Two", "Three"]
    assert [one == other for one, other in zip(tasks, again, strict=True)] == [n != place for n in range(3)]
    assert sorted(api.tasks(), key=lambda task: task["id"]) == sorted(again, key=lambda task: task["id"])


def test_batch_that_is_gone_is_made_anew(api):
    tasks = create_many(api, "key").json()
    api.send("DELETE", f"{TASKS}?is_completed=false")

    response = create_many(api, "key")

    assert (response.status_code, "Idempotency-Replayed" in response.headers) == (201, False)
    assert {task["id"] for task in tasks} & {task["id"] for task in response.json()} == set()
    assert api.tasks() == response.json()


def test_key_of_a_batch_belongs_to_its_user(api):
    own, foreign = create_many(api, "key").json(), create_many(api, "key", BATCH, STRANGER).json()

    assert {task["id"] for task in own} & {task["id"] for task in foreign} == set()
    assert (api.tasks(), api.tasks(STRANGER)) == (own, foreign)
