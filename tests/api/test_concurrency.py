"""Many clients use the live service at once. Each task behaves as if their requests came one after the other."""

from collections import Counter, defaultdict, deque
from functools import partial
from random import Random

from django.db import connection

from tests.support.client import at_once
from tests.support.history import Operation, is_linearizable, state_of

OWNER = "/api/concurrent/tasks"


def repeat(times, client, *request):
    return [client(*request) for _ in range(times)]


def create(client):
    return f"{OWNER}/{client('POST', OWNER, {'title': 'A task'}).body['id']}"


def test_four_hundred_toggles_leave_what_an_even_number_must(clients):
    [first, *_] = everyone = clients(40)
    task = create(first)
    toggles = at_once([partial(repeat, 10, client, "PATCH", f"{task}/complete") for client in everyone])
    answers = [answer for ten in toggles for answer in ten]
    assert Counter(answer.status for answer in answers) == {200: 400}
    assert Counter(answer.body["is_completed"] for answer in answers) == {True: 200, False: 200}
    assert first("GET", task).body["is_completed"] is False


def test_concurrent_puts_of_different_members_lose_none(clients):
    everyone = [first, *_] = clients(3)
    task = create(first)
    for turn in range(100):
        members = {"title": f"Title {turn}", "description": f"Text {turn}", "is_completed": turn % 2 == 0}
        changes = [{name: value} for name, value in members.items()]
        puts = at_once([partial(client, "PUT", task, body) for client, body in zip(everyone, changes, strict=True)])
        assert [answer.status for answer in puts] == [200, 200, 200]
        assert {name: first("GET", task).body[name] for name in members} == members


def test_a_toggle_beside_a_put_erases_nothing(clients):
    [first, second] = clients(2)
    for turn in range(50):
        task, title = create(first), f"Title {turn}"
        at_once([partial(first, "PUT", task, {"title": title}), partial(second, "PATCH", f"{task}/complete")])
        assert state_of(first("GET", task).body) == (title, None, True)


def test_a_toggle_beside_a_delete_brings_nothing_back(clients):
    [first, second] = clients(2)
    for _ in range(50):
        task = create(first)
        [deleted, toggled] = at_once([partial(first, "DELETE", task), partial(second, "PATCH", f"{task}/complete")])
        assert (deleted.status, toggled.status) in [(200, 200), (200, 404)]
        assert first("GET", task).status == 404


class Recorder:
    """Works on a few tasks of one user, and records what was asked and answered for each task."""

    def __init__(self, client, histories, recent, seed):
        self.client, self.histories, self.recent = client, histories, recent
        self.random, self.tags = Random(seed), {}

    def work(self, operations):
        for number in range(operations):
            if not self.recent or self.random.random() < 0.05:
                self.create()
            else:
                self.change(self.random.choice(self.recent), f"{id(self)}-{number}")

    def create(self):
        operation = Operation("POST", {"title": "New"})
        answer = self.client("POST", OWNER, operation.body)
        assert answer.status == 201, answer
        self.histories[answer.body["id"]].append(operation.answered(answer.status, answer.body))
        self.recent.append(answer.body["id"])

    def change(self, task_id, text):
        method, suffix, body = self.random.choices(
            [
                ("GET", "", None),
                ("PUT", "", {"title": text}),
                ("PUT", "", {"description": text}),
                ("PATCH", "/complete", None),
                ("PATCH", "/complete", {"is_completed": True}),
                ("DELETE", "", None),
            ],
            weights=(4, 3, 3, 6, 2, 1),
        )[0]
        tag = self.tags.get(task_id) if method != "GET" and self.random.random() < 0.3 else None
        operation = Operation(method, body, tag)
        headers = {"If-Match": f'"{tag}"'} if tag else {}
        answer = self.client(method, f"{OWNER}/{task_id}{suffix}", body, headers)
        self.histories[task_id].append(operation.answered(answer.status, answer.body))
        self.tags[task_id] = operation.tag


# SQLite lets one writer in at a time, so there is less to find.
OPERATIONS_OF_A_CLIENT = 1250 if connection.vendor == "postgresql" else 300


def test_thousands_of_operations_of_eight_clients_on_few_tasks_are_linearizable(clients):
    histories, recent = defaultdict(list), deque(maxlen=4)
    recorders = [Recorder(client, histories, recent, seed) for seed, client in enumerate(clients(8))]
    at_once([partial(recorder.work, OPERATIONS_OF_A_CLIENT) for recorder in recorders])
    operations = [operation for history in histories.values() for operation in history]
    assert len(operations) == 8 * OPERATIONS_OF_A_CLIENT
    assert {operation.status for operation in operations} == {200, 201, 404, 412}
    assert [history for history in histories.values() if not is_linearizable(history)] == []
