"""Many clients send the same keys at once, while the service loses its connections: each key makes one task."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.support.client import Client
from tests.support.waiting import until

CLIENTS, KEYS = 40, 10


def test_forty_clients_with_ten_keys_make_ten_tasks_while_connections_are_killed(primary, service):
    path = f"/api/{uuid4()}/tasks"

    def create(number):
        key = str(number % KEYS)
        with Client(service.port) as client:
            return key, client("POST", path, {"title": f"Task {key}"}, {"Idempotency-Key": key})

    with primary.slow(0.1), ThreadPoolExecutor(CLIENTS) as threads:
        creating = threads.map(create, range(CLIENTS))
        for _ in range(3):
            until(lambda: primary.terminate("state = 'active' AND query LIKE 'INSERT%'"))
            time.sleep(0.1)
        answers = list(creating)
    assert {answer.status for _, answer in answers} == {201}
    assert sum("Idempotency-Replayed" in answer.headers for _, answer in answers) == CLIENTS - KEYS
    created = {key: answer.body for key, answer in answers}
    assert [answer.body for _, answer in answers] == [created[key] for key, _ in answers]
    with Client(service.port) as client:
        assert client("GET", path).body == sorted(created.values(), key=lambda task: task["id"])
