"""Two users send requests of any kind. After each step both have exactly the tasks that a model of two dicts holds.

With tokens each of them also tries the other's paths, and that changes nothing.
"""

from urllib.parse import quote

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

from tests.support.tokens import TokenClient, ask_for_tokens
from todo_project.api.fields import trimmed

# PostgreSQL is the stricter database and gets 5,000 steps. SQLite gets enough to show that it behaves the same.
MANY, FEW = (130, 5000), (26, 1000)
EXAMPLES, ENOUGH = MANY if connection.vendor == "postgresql" else FEW
STEPS = 50
NOT_ALLOWED = {"detail": "Not allowed to access another user's tasks"}
NO_TASK = {"detail": "Task not found"}
DELETED = {"message": "Task deleted successfully"}

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
new_tasks = st.fixed_dictionaries({"title": words | texts}, optional=members)
updates = st.fixed_dictionaries({}, optional={"title": words | texts} | members)
nonsense = st.fixed_dictionaries({}, optional=dict.fromkeys(("title", "description", "is_completed"), anything))
states = st.just({}) | st.fixed_dictionaries({"is_completed": st.booleans()}) | nonsense
strange_ids = st.uuids().map(str) | names
whose = st.integers(0, 1)
seldom = st.sampled_from([False, False, False, True])
TRESPASSES = [
    ("GET", ""),
    ("POST", ""),
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


def changes(body):
    kept = {name: body[name] for name in ("title", "description", "is_completed") if name in body}
    return kept | ({"title": trimmed(kept["title"])} if "title" in kept else {})


def as_seen(place, is_stranger):
    """The user who asks, and the id of the task: the task's owner asks, or the other user."""
    owner, task_id = place
    return (1 - owner if is_stranger else owner), task_id


class TwoUsers(RuleBasedStateMachine):
    api = None
    steps = 0
    ids = Bundle("ids")

    def __init__(self):
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    @initialize(target=ids, one=names, other=names)
    def meet(self, one, other):
        assume(one != other)
        self.users = [one, other]
        self.model = [{}, {}]
        return self.create(user=0, body={"title": "First"})

    def send(self, method, user, task_id=None, suffix="", body=b""):
        path = f"/api/{quote(self.users[user], safe='')}/tasks"
        response = self.api.send(method, path + (f"/{quote(task_id, safe='')}{suffix}" if task_id else ""), body)
        return response.status_code, response.json()

    def refused(self, answer, wrong):
        status, said = answer
        assert (status, {problem["loc"][1]: problem["type"] for problem in said["detail"]}) == (422, wrong)

    @rule(target=ids, user=whose, body=new_tasks | new_tasks | nonsense)
    def create(self, user, body):
        answer = self.send("POST", user, body=body)
        if wrong := problems(body, needs_title=True):
            self.refused(answer, wrong)
            return multiple()
        status, task = answer
        made = {name: task[name] for name in ("id", "created_at", "updated_at")}
        expected = {"user_id": self.users[user], "description": None, "is_completed": False} | changes(body) | made
        assert (status, task) == (201, expected)
        assert task["id"] not in self.model[0] | self.model[1]
        self.model[user][task["id"]] = task
        return user, task["id"]

    @rule(place=ids, is_stranger=seldom)
    def get(self, place, is_stranger):
        user, task_id = as_seen(place, is_stranger)
        task = self.model[user].get(task_id)
        assert self.send("GET", user, task_id) == ((200, task) if task else (404, NO_TASK))

    @rule(place=ids, is_stranger=seldom, body=updates | updates | nonsense)
    def put(self, place, is_stranger, body):
        user, task_id = as_seen(place, is_stranger)
        self.written(user, task_id, body, self.send("PUT", user, task_id, body=body))

    @rule(place=ids, is_stranger=seldom, body=states)
    def complete(self, place, is_stranger, body):
        user, task_id = as_seen(place, is_stranger)
        answer = self.send("PATCH", user, task_id, "/complete", body)
        flipped = {"is_completed": not self.model[user].get(task_id, {}).get("is_completed")}
        known = {name: value for name, value in body.items() if name == "is_completed"}
        self.written(user, task_id, flipped | known, answer)

    def written(self, user, task_id, body, answer):
        task = self.model[user].get(task_id)
        if wrong := problems(body):
            self.refused(answer, wrong)
        elif task is None:
            assert answer == (404, NO_TASK)
        else:
            status, written = answer
            assert (status, written) == (200, task | changes(body) | {"updated_at": written["updated_at"]})
            assert written["updated_at"] > task["updated_at"]
            self.model[user][task_id] = written

    @rule(place=ids, is_stranger=seldom)
    def delete(self, place, is_stranger):
        user, task_id = as_seen(place, is_stranger)
        task = self.model[user].pop(task_id, None)
        assert self.send("DELETE", user, task_id) == ((200, DELETED) if task else (404, NO_TASK))

    @rule(
        user=whose, task_id=strange_ids, request=st.sampled_from([("GET", ""), ("DELETE", ""), ("PATCH", "/complete")])
    )
    def ask_for_what_never_was(self, user, task_id, request):
        assert self.send(request[0], user, task_id, request[1]) == (404, NO_TASK)

    @invariant()
    def both_lists_are_the_models(self):
        type(self).steps += 1
        for user in (0, 1):
            assert self.send("GET", user) == (200, list(self.model[user].values()))


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
