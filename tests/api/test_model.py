"""Two users send requests of any kind. After each step lists and queries answer as the reference does.

The reference is tests/support/reference.py. With tokens each user also tries the other's paths, and that changes
nothing.
"""

import re
from urllib.parse import quote, urlencode

import hypothesis
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, assume
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.support.queries import pages_of
from tests.support.reference import WHITE, AnotherBodyError, Tasks, allows, as_validated, has_current, tag_of
from tests.support.tokens import TokenClient, ask_for_tokens
from todo_project.api.fields import trimmed

# PostgreSQL is the stricter database and gets 5,000 steps. SQLite gets enough to show that it behaves the same.
MANY, FEW = (132, 5000), (28, 1000)
EXAMPLES, ENOUGH = MANY if connection.vendor == "postgresql" else FEW
STEPS = 50
NOT_ALLOWED = {"detail": "Not allowed to access another user's tasks"}
LONG_AGO = "2020-01-01T00:00:00Z"
NO_TASK = {"detail": "Task not found"}
DELETED = {"message": "Task deleted successfully"}
CHANGED = {"detail": "The task has changed"}
NO_FILTER = {"detail": [{"loc": ["query"], "type": "missing", "msg": "At least one filter is required"}]}
TAKEN_KEY = [(["header", "idempotency-key"], "value_error")]

names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=255)
words = st.text(min_size=1, max_size=50)
# With lone surrogates and U+0000, and with texts as long as allowed or one character longer.
texts = (
    st.text(st.characters(exclude_categories=[]), max_size=50)
    | st.sampled_from(["", " ", "\u3000\n", "\0", "\ud800", " a "])
    | st.builds(str.__mul__, st.sampled_from("aé😀 "), st.sampled_from([500, 501, 5000, 5001]))
)
anything = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(words)
)
members = {
    "description": st.none() | words | texts,
    "is_completed": st.booleans(),
    "id": st.uuids().map(str),
    "user_id": texts,
    "created_at": anything,
}
some_words = st.sampled_from(["milk", "MILK", "bread", "Σίσυφος", "σίσυφοσ", "straße", "100%", "a_b", "İ", "😀"])
some_titles = st.lists(some_words, min_size=1, max_size=3).map(" ".join)
good_tasks = st.fixed_dictionaries(
    {"title": some_titles}, optional={"description": some_titles, "is_completed": st.booleans()}
)
new_tasks = good_tasks | st.fixed_dictionaries({"title": words | texts}, optional=members)
updates = st.fixed_dictionaries({}, optional={"title": words | texts} | members)
nonsense = st.fixed_dictionaries({}, optional=dict.fromkeys(("title", "description", "is_completed"), anything))
states = st.just({}) | st.fixed_dictionaries({"is_completed": st.booleans()}) | nonsense
strange_ids = st.uuids().map(str) | names
whose = st.integers(0, 1)
seldom = st.sampled_from([False, False, False, True])
# What a filter is asked for depends on the tasks there are: of which of them, and on which side of its times.
few = st.integers(0, 9)
filters = st.fixed_dictionaries(
    {},
    optional={
        "is_completed": st.sampled_from(["true", "false"]),
        "q": few | some_titles,
        "created_after": few,
        "created_before": few,
        "updated_after": few,
        "updated_before": few,
    },
)
SORTS = ["created_at", "-created_at", "updated_at", "-updated_at"]
# One of them after each step. Those that only sort show all tasks.
QUERIES = [
    {"sort": "-created_at"},
    {"is_completed": "true"},
    {"q": 0},
    {"sort": "updated_at"},
    {"created_after": 1, "q": "milk"},
    {"sort": "-updated_at", "is_completed": "false"},
    {},
    {"updated_before": 3},
    {"sort": "updated_at", "q": 7},
    {"sort": "-updated_at"},
    {"updated_after": 2, "created_before": 5, "sort": "-updated_at"},
]
conditions = st.just({}) | st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("if_match", "if_none_match"),
        st.sampled_from(["*", "{tag}", "W/{tag}", '"a", {tag}', '"a"', "{gzip}", '"2020-01-01T00:00:00Z"']),
    ),
)
TRESPASSES = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "?q=a&limit=1"),
    ("POST", "/batch"),
    ("PATCH", "?is_completed=false"),
    ("DELETE", "?is_completed=true"),
    *[(method, "/{}") for method in ("GET", "PUT", "DELETE")],
    ("PATCH", "/{}/complete"),
]


def text_problem(value, longest):
    if not isinstance(value, str):
        return "string_type"
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        return "value_error"
    return "string_too_long" if len(value) > longest else None


def problems(body, *, needs_title=False):
    """The invalid members of a body, each with the error type that the contract gives it."""
    found = {}
    if "title" in body or needs_title:
        title = body.get("title")
        text = trimmed(title) if isinstance(title, str) else title
        wrong = "string_too_short" if text == "" else text_problem(text, 500)
        found["title"] = wrong if "title" in body else "missing"
    if body.get("description") is not None:
        found["description"] = text_problem(body["description"], 5000)
    if "is_completed" in body and not isinstance(body["is_completed"], bool):
        found["is_completed"] = "bool_type"
    return {name: wrong for name, wrong in found.items() if wrong}


def headers_of(conditions, task):
    tag = tag_of(task) if task else f'"{LONG_AGO}"'
    return {name: text.format(tag=tag, gzip=f'{tag[:-1]}-gzip"') for name, text in conditions.items()}


def value_of(name, task, number):
    """What a filter is asked for: a word of the task, or its time, or a moment between two microseconds."""
    if name == "q":
        found = re.split(WHITE, task["title"])
        word = found[number % len(found)][:50]
        return word.upper() if number % 2 else word
    time = task[f"{name.partition('_')[0]}_at"]
    return f"{time[:-1]}5Z" if number % 2 and "." in time else time


def as_seen(place, is_stranger):
    """The user who asks, and the id of the task: the task's owner asks, or the other user."""
    owner, task_id = place
    return (1 - owner if is_stranger else owner), task_id


class TwoUsers(RuleBasedStateMachine):
    api = None
    steps = 0
    ids = Bundle("ids")
    keyed = Bundle("keyed")

    def __init__(self):
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.keys = 0
        # Who wrote last, and whether that was in this step.
        self.user, self.has_written = 0, False

    def teardown(self):
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    @initialize(target=ids, one=names, other=names)
    def meet(self, one, other):
        assume(one != other)
        self.users = [one, other]
        self.model = [Tasks(), Tasks()]
        # The tag and the tasks of each user's list when it was last read.
        self.seen = [('"none"', None), ('"none"', None)]
        return self.create(user=0, body={"title": "First"})

    def send(self, method, user, suffix="", body=b"", query=None, **headers):
        path = f"/api/{quote(self.users[user], safe='')}/tasks{suffix}"
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        if method != "GET":
            self.user, self.has_written = user, True
        return self.api.send(method, path + asked, body, **headers)

    def refused(self, response, wrong):
        assert response.status_code == 422
        assert {problem["loc"][-1]: problem["type"] for problem in response.json()["detail"]} == wrong

    def made(self, user, task, body):
        """Checks a task that was just created, and keeps it."""
        made = {name: task[name] for name in ("id", "created_at", "updated_at")}
        defaults = {"user_id": self.users[user], "description": None, "is_completed": False}
        assert task == defaults | as_validated(body) | made
        assert not any(task["id"] in tasks.by_id for tasks in self.model)
        self.model[user].keep(task)
        return user, task["id"]

    # Creates

    @rule(target=ids, user=whose, body=new_tasks | new_tasks | nonsense)
    def create(self, user, body):
        response = self.send("POST", user, body=body)
        if wrong := problems(body, needs_title=True):
            self.refused(response, wrong)
            return multiple()
        task = response.json()
        assert (response.status_code, response["ETag"]) == (201, tag_of(task))
        return self.made(user, task, body)

    @rule(target=ids, user=whose, bodies=st.lists(good_tasks, max_size=4))
    def create_many(self, user, bodies):
        response = self.send("POST", user, "/batch", {"tasks": bodies})
        if not bodies:
            self.refused(response, {"tasks": "too_short"})
            return multiple()
        assert response.status_code == 201
        pairs = zip(response.json(), bodies, strict=True)
        return multiple(*[self.made(user, task, body) for task, body in pairs])

    @rule(target=keyed, user=whose, tasks=st.lists(good_tasks, min_size=1, max_size=3), is_batch=st.booleans())
    def create_with_a_new_key(self, user, tasks, is_batch):
        body = {"tasks": tasks} if is_batch else tasks[0]
        self.keys += 1
        return self.create_once(user, f"key-{self.keys}", body)

    @rule(request=keyed, is_other=seldom, is_stranger=seldom, title=some_titles)
    def create_with_a_key_again(self, request, is_other, is_stranger, title):
        user, key, body = request
        if is_other:
            body = {"title": f"{title} and more"}
        self.create_once(1 - user if is_stranger else user, key, body)

    def create_once(self, user, key, body):
        # A refusal by PostgreSQL would end the sandbox.
        with transaction.atomic():
            response = self.send("POST", user, "/batch" if "tasks" in body else "", body, idempotency_key=key)
            transaction.set_rollback(response.status_code == 422)
        try:
            before = self.model[user].made(key, body)
        except AnotherBodyError:
            assert response.status_code == 422
            assert [(one["loc"], one["type"]) for one in response.json()["detail"]] == TAKEN_KEY
            return user, key, body
        assert response.status_code == 201
        assert response.headers.get("Idempotency-Replayed") == ("true" if any(before) else None)
        tasks = response.json() if "tasks" in body else [response.json()]
        for was, task, asked in zip(before, tasks, body.get("tasks", [body]), strict=True):
            if was:
                assert task == was
            else:
                self.made(user, task, asked)
        self.model[user].record(key, body, tasks)
        return user, key, body

    # One task

    @rule(place=ids, is_stranger=seldom, conditions=conditions)
    def get(self, place, is_stranger, conditions):
        user, task_id = as_seen(place, is_stranger)
        task = self.model[user].by_id.get(task_id)
        headers = headers_of(conditions, task)
        response = self.send("GET", user, f"/{task_id}", **{n: v for n, v in headers.items() if n == "if_none_match"})
        if task is None:
            assert (response.status_code, response.json()) == (404, NO_TASK)
        elif "if_none_match" in headers and has_current(task, headers["if_none_match"]):
            assert (response.status_code, response["ETag"], response.content) == (304, tag_of(task), b"")
        else:
            assert (response.status_code, response["ETag"], response.json()) == (200, tag_of(task), task)

    @rule(place=ids, is_stranger=seldom, body=updates | updates | nonsense, conditions=conditions)
    def put(self, place, is_stranger, body, conditions):
        user, task_id = as_seen(place, is_stranger)
        headers = headers_of(conditions, self.model[user].by_id.get(task_id))
        self.written(user, task_id, body, headers, self.send("PUT", user, f"/{task_id}", body, **headers))

    @rule(place=ids, is_stranger=seldom, body=states, conditions=conditions)
    def complete(self, place, is_stranger, body, conditions):
        user, task_id = as_seen(place, is_stranger)
        task = self.model[user].by_id.get(task_id)
        headers = headers_of(conditions, task)
        response = self.send("PATCH", user, f"/{task_id}/complete", body, **headers)
        flipped = {"is_completed": not (task or {}).get("is_completed")}
        known = {name: value for name, value in body.items() if name == "is_completed"}
        self.written(user, task_id, flipped | known, headers, response)

    def written(self, user, task_id, body, headers, response):
        task = self.model[user].by_id.get(task_id)
        if wrong := problems(body):
            self.refused(response, wrong)
        elif self.may_write(task, headers, response):
            written = response.json()
            assert (response.status_code, written) == (
                200,
                task | as_validated(body) | {"updated_at": written["updated_at"]},
            )
            assert written["updated_at"] > task["updated_at"]
            self.model[user].keep(written)

    @rule(place=ids, is_stranger=seldom, conditions=conditions)
    def delete(self, place, is_stranger, conditions):
        user, task_id = as_seen(place, is_stranger)
        task = self.model[user].by_id.get(task_id)
        headers = headers_of(conditions, task)
        response = self.send("DELETE", user, f"/{task_id}", **headers)
        if self.may_write(task, headers, response):
            assert (response.status_code, response.json()) == (200, DELETED)
            del self.model[user].by_id[task_id]

    def may_write(self, task, headers, response):
        """Whether the write is done. If not, this checks the answer."""
        if task is None:
            assert (response.status_code, response.json()) == (404, NO_TASK)
            return False
        if allows(task, headers.get("if_match")) and not has_current(task, headers.get("if_none_match", "")):
            return True
        assert (response.status_code, response.json(), response["ETag"]) == (412, CHANGED, tag_of(task))
        return False

    @rule(
        user=whose, task_id=strange_ids, request=st.sampled_from([("GET", ""), ("DELETE", ""), ("PATCH", "/complete")])
    )
    def ask_for_what_never_was(self, user, task_id, request):
        response = self.send(request[0], user, f"/{quote(task_id, safe='')}{request[1]}")
        assert (response.status_code, response.json()) == (404, NO_TASK)

    # Many tasks

    @rule(user=whose, filters=filters, sort=st.sampled_from(SORTS), limit=st.integers(1, 4))
    def walk_the_pages(self, user, filters, sort, limit):
        query = self.query_of(user, filters) | {"sort": sort, "limit": str(limit)}
        path = f"/api/{quote(self.users[user], safe='')}/tasks?{urlencode(query, quote_via=quote)}"
        assert [page.json() for page in pages_of(self.api, path)] == self.model[user].pages(query)

    @rule(user=whose, filters=filters, state=st.booleans())
    def complete_many(self, user, filters, state):
        query = self.query_of(user, filters)
        changing = self.model[user].in_the_other_state(query, state)
        response = self.send("PATCH", user, "", {"is_completed": state}, query)
        assert (response.status_code, response.json()) == (200, {"updated": len(changing)})
        now = {task["id"]: task for task in self.send("GET", user).json()}
        for task in changing:
            changed = now[task["id"]]
            assert changed == task | {"is_completed": state, "updated_at": changed["updated_at"]}
            assert changed["updated_at"] > task["updated_at"]
            self.model[user].keep(changed)

    @rule(user=whose, filters=filters)
    def delete_many(self, user, filters):
        query = self.query_of(user, filters)
        response = self.send("DELETE", user, query=query)
        if query:
            assert (response.status_code, response.json()) == (200, {"deleted": self.model[user].delete(query)})
        else:
            assert (response.status_code, response.json()) == (422, NO_FILTER)

    def query_of(self, user, filters):
        """The texts of the filters. A number names a task: a word of its title, or one of its times."""
        tasks = [*self.model[user].by_id.values()] or [{"title": "x", "created_at": LONG_AGO, "updated_at": LONG_AGO}]
        return {
            name: value if isinstance(value, str) else value_of(name, tasks[value % len(tasks)], value)
            for name, value in filters.items()
        }

    # After each step

    @invariant()
    def the_list_of_one_and_a_query_of_the_other_are_the_models(self):
        """Of the user who wrote the list, which is asked for by its tag; of the other one a query, in turn."""
        type(self).steps += 1
        if self.has_written:
            self.list_is_the_models(self.user)
        user = 1 - self.user
        query = self.query_of(user, QUERIES[self.steps % len(QUERIES)])
        response = self.send("GET", user, query=query)
        assert (query, response.status_code, response.json()) == (query, 200, self.model[user].listed(query))
        self.has_written = False

    def list_is_the_models(self, user):
        tag, before = self.seen[user]
        response = self.send("GET", user, if_none_match=tag)
        listed = before if response.status_code == 304 else response.json()
        assert listed == [*self.model[user].by_id.values()]
        self.seen[user] = response["ETag"], listed


class TwoCallers(TwoUsers):
    """Each has their own token."""

    @rule(place=TwoUsers.ids, body=updates | states, request=st.sampled_from(TRESPASSES))
    def trespass(self, place, body, request):
        """A user asks for the path of the other one, with their own token."""
        owner, task_id = place
        method, suffix = request
        path = f"/api/{quote(self.users[owner], safe='')}/tasks{suffix.format(task_id)}"
        response = self.api.send(method, path, body, of=self.users[1 - owner])
        assert (response.status_code, response.json()) == (403, NOT_ALLOWED)


def test_any_interleaving_of_two_users_leaves_what_the_model_says(api):
    assert steps_of(TwoUsers, api, EXAMPLES) >= ENOUGH


def test_any_interleaving_with_tokens_leaves_what_the_model_says(api, settings, monkeypatch):
    ask_for_tokens(settings, monkeypatch)
    examples, enough = FEW
    assert steps_of(TwoCallers, TokenClient(raise_request_exception=False), examples) >= enough


def steps_of(machine, api, examples):
    """Runs the machine, which raises where the service and the model differ, and counts its steps."""
    machine.api, machine.steps = api, 0
    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            # Shrinking takes minutes. To get the shortest example of a failure, add Phase.shrink.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return machine.steps
