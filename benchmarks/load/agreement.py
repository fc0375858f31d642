"""Checks, before anything is measured, that a peer gives the same answers as the service."""

import json
import re
from dataclasses import replace

from benchmarks.load.operations import OPERATIONS, Request
from testbed.client import Client

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# The members that a candidate chooses at each write: only their form can be compared.
CHOSEN = {"create": {"id": ID, "created_at": TIME, "updated_at": TIME}, "put": {"updated_at": TIME}}
CHOSEN["toggle"] = CHOSEN["put"]
JSON = {"Content-Type": "application/json"}


class DisagreementError(Exception):
    pass


def answers(port):
    """The status and the JSON text of each operation, and of two more requests that clients rely on."""
    stranger = Request("GET", OPERATIONS["get"](7).path.replace("/reader-", "/stranger-"), status=404)
    one_member = replace(OPERATIONS["put"](7), body={"is_completed": True})
    with Client(port) as client:
        found = {name: answer(client, operation(7), CHOSEN.get(name, {})) for name, operation in OPERATIONS.items()}
        return found | {
            "another user's task": answer(client, stranger, {})[0],
            "put of one member": answer(client, one_member, CHOSEN["put"]),
        }


def answer(client, request, chosen):
    content = None if request.body is None else json.dumps(request.body)
    answered = client.send(request.method, request.path, content, JSON)
    if answered.status != request.status:
        raise DisagreementError(f"{request.method} {request.path} was answered {answered.status}: {answered.body}")
    body = json.loads(answered.body)
    for member, pattern in chosen.items():
        if not pattern.fullmatch(body[member]):
            raise DisagreementError(f"{member} is {body[member]!r}")
        body[member] = "chosen"
    # As text, because the order of the members counts.
    return answered.status, json.dumps(body)


def compare(name, wanted, found):
    """Raises DisagreementError at the first operation with another answer."""
    for operation, answer in wanted.items():
        if found[operation] != answer:
            raise DisagreementError(f"{name}, {operation}:\n{found[operation]}\nbut the service answers\n{answer}")
