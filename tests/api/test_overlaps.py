"""Clients that overlap: with conditions no change is lost, and with keys nothing is made twice."""

import json
import threading
from collections import Counter
from functools import partial
from random import Random

import pytest

from tests.conftest import JSON
from tests.support.client import at_once

OWNER = "/api/overlapping/tasks"
JSON_TYPE = {"Content-Type": JSON}


# Conditions


def count_up(client, path, times):
    """Adds to the number in the title, each time over what was read. Gives how often a write was refused."""
    refused = 0
    for _ in range(times):
        while True:
            task = client.send("GET", path)
            changed = json.dumps({"title": str(int(json.loads(task.body)["title"]) + 1)})
            answer = client.send("PUT", path, changed, {"If-Match": task.headers["ETag"]} | JSON_TYPE)
            if answer.status == 200:
                break
            assert (answer.status, json.loads(answer.body)) == (412, {"detail": "The task has changed"})
            refused += 1
    return refused


def test_writers_who_name_what_they_have_read_lose_no_change(clients):
    everyone = [first, *_] = clients(20)
    path = f"{OWNER}/{first('POST', OWNER, {'title': '0'}).body['id']}"
    refused = at_once([partial(count_up, client, path, 3) for client in everyone])
    assert first("GET", path).body["title"] == "60"
    # Without conflicts this would show nothing.
    assert sum(refused) > 0


def test_of_many_writes_over_one_tag_one_alone_is_done(clients):
    everyone = [first, *_] = clients(20)
    task = first("POST", OWNER, {"title": "A task"}).body
    path, tag = f"{OWNER}/{task['id']}", f'"{task["updated_at"]}"'
    kinds = [("PUT", path, b'{"title": "x"}'), ("PATCH", f"{path}/complete", None), ("DELETE", path, None)]
    headers = {"If-Match": tag} | JSON_TYPE
    answers = at_once([partial(client.send, *kinds[number % 3], headers) for number, client in enumerate(everyone)])
    statuses = Counter(answer.status for answer in answers)
    # A DELETE that came first leaves no task to have changed.
    assert statuses in ({200: 1, 412: 19}, {200: 1, 404: 19})


# Keys


def keyed(client, user, key, body, suffix=""):
    answer = client.send("POST", f"/api/{user}/tasks{suffix}", json.dumps(body), {"Idempotency-Key": key} | JSON_TYPE)
    return answer.status, answer.headers["Idempotency-Replayed"], json.loads(answer.body)


SINGLE = ("one-task", "", {"title": "Once"})
BATCH = ("one-batch", "/batch", {"tasks": [{"title": f"{number}"} for number in range(20)]})


@pytest.mark.parametrize(("user", "suffix", "body"), [SINGLE, BATCH])
def test_many_clients_with_one_key_at_once_make_it_once_and_get_the_same(clients, user, suffix, body):
    everyone = [first, *_] = clients(20)
    answers = at_once([partial(keyed, client, user, "key", body, suffix) for client in everyone])
    listed = first("GET", f"/api/{user}/tasks").body
    assert len(listed) == len(body.get("tasks", [body]))
    assert [answered for _, _, answered in answers] == [listed if suffix else listed[0]] * 20
    assert Counter((status, replayed) for status, replayed, _ in answers) == {(201, None): 1, (201, "true"): 19}


def test_forty_clients_with_ten_keys_make_ten_tasks(clients):
    everyone = [first, *_] = clients(40)
    numbered = enumerate(everyone)
    answers = at_once(
        [
            partial(keyed, client, "ten-keys", f"key-{number % 10}", {"title": f"Task {number % 10}"})
            for number, client in numbered
        ]
    )
    listed = first("GET", "/api/ten-keys/tasks").body
    assert sorted(task["title"] for task in listed) == [f"Task {number}" for number in range(10)]
    by_title = {task["title"]: task for task in listed}
    assert [task for _, _, task in answers] == [by_title[f"Task {number % 10}"] for number in range(40)]
    assert Counter((status, replayed) for status, replayed, _ in answers) == {(201, None): 10, (201, "true"): 30}


def test_of_two_bodies_with_one_key_one_is_made_and_the_other_is_refused_whole(clients):
    [first, second] = clients(2)
    batch = {"tasks": [{"title": "Two"}, {"title": "Three"}]}
    for turn in range(20):
        user = f"two-{turn}"
        single = partial(keyed, first, user, "key", {"title": "One"})
        answers = at_once([single, partial(keyed, second, user, "key", batch, "/batch")])
        titles = [task["title"] for task in first("GET", f"/api/{user}/tasks").body]
        statuses = [status for status, _, _ in answers]
        assert (statuses, titles) in [([201, 422], ["One"]), ([422, 201], ["Two", "Three"])]


# Many tasks


def test_bulk_writes_at_once_count_each_task_once(clients):
    everyone = [first, *_] = clients(8)
    path = "/api/bulk/tasks"
    first("POST", f"{path}/batch", {"tasks": [{"title": "A task"}] * 100})
    completed = at_once([partial(client, "PATCH", f"{path}?q=task", {"is_completed": True}) for client in everyone])
    assert sum(answer.body["updated"] for answer in completed) == 100
    deleted = at_once([partial(client, "DELETE", f"{path}?is_completed=true") for client in everyone])
    assert sum(answer.body["deleted"] for answer in deleted) == 100
    assert first("GET", path).body == []


def walk(client, path, ends):
    """Walks all pages again and again until the others are done. Gives the ids of each walk."""
    walks = []
    while not (walks and ends.is_set()):
        seen, page = [], path
        while page:
            assert len(seen) < 500
            answer = client("GET", page)
            seen += [task["id"] for task in answer.body]
            page = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
        walks.append(seen)
    return walks


def disturb(client, path, constant, seed, ends):
    random, others = Random(seed), []
    for _ in range(60):
        kind = random.choice(["create", "delete", "complete"])
        if kind == "complete":
            client("PATCH", f"{path}/{random.choice(constant)}/complete")
        elif kind == "delete" and others:
            client("DELETE", f"{path}/{others.pop(random.randrange(len(others)))}")
        else:
            others.append(client("POST", path, {"title": "Another"}).body["id"])
    ends.set()


@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
def test_walk_gives_what_was_there_all_along_exactly_once_while_others_write(clients, sort):
    [walker, *writers] = clients(3)
    path = f"/api/walk{sort}/tasks"
    constant = [task["id"] for task in walker("POST", f"{path}/batch", {"tasks": [{"title": "x"}] * 50}).body]
    ends = threading.Event()
    disturbances = [partial(disturb, writer, path, constant, seed, ends) for seed, writer in enumerate(writers)]
    [walks, *_] = at_once([partial(walk, walker, f"{path}?limit=7&sort={sort}", ends), *disturbances])
    expected = sorted(constant, reverse=sort.startswith("-"))
    for seen in walks:
        assert [task_id for task_id in seen if task_id in set(constant)] == expected
        assert len(seen) == len(set(seen))
