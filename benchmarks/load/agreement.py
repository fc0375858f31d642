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
CHOSEN |= dict.fromkeys(("conditional put", "toggle"), CHOSEN["put"])
JSON = {"Content-Type": "application/json"}


class DisagreementError(Exception):
    pass


def answers(running):
    """The status and the JSON text of each operation, and of some more requests that clients rely on."""

    def answer(request, chosen):
        user = request.path.split("/")[2]
        return answered(client, replace(request, token=running.candidate.token(user)), chosen)

    stranger = Request("GET", OPERATIONS["get"](7).path.replace("/reader-", "/stranger-"), status=404)
    one_member = replace(OPERATIONS["put"](7), body={"is_completed": True})
    conditional_put = OPERATIONS["conditional put"](7)
    too_late = replace(conditional_put, status=412)
    gone = replace(conditional_put, path=stranger.path, status=404)
    page_of_open = replace(OPERATIONS["page of 50"](7), path=f"{OPERATIONS['filtered list'](7).path}&limit=3")
    with Client(running.port) as client:
        found = {name: answer(operation(7), CHOSEN.get(name, {})) for name, operation in OPERATIONS.items()}
        return found | {
            "another user's task": answer(stranger, {})[0],
            "put of one member": answer(one_member, CHOSEN["put"]),
            "put of a task that has changed": answer(too_late, {})[0],
            "conditional put of another user's task": answer(gone, {})[0],
            "page of a filtered list": answer(page_of_open, {}),
        }


def answered(client, request, chosen):
    content = None if request.body is None else json.dumps(request.body)
    answer = client.send(request.method, request.path, content, JSON | request.headers)
    if answer.status != request.status:
        raise DisagreementError(f"{request.method} {request.path} was answered {answer.status}: {answer.body}")
    body = json.loads(answer.body)
    for member, pattern in chosen.items():
        if not pattern.fullmatch(body[member]):
            raise DisagreementError(f"{member} is {body[member]!r}")
        body[member] = "chosen"
    # As text, because the order of the members counts.
    return answer.status, json.dumps(body)


def compare(name, wanted, found):
    """Raises DisagreementError at the first operation with another answer."""
    for operation, answer in wanted.items():
        if found[operation] != answer:
            raise DisagreementError(f"{name}, {operation}:\n{found[operation]}\nbut the service answers\n{answer}")
