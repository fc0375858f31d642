"""Before anything is measured: a peer answers what the service answers."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import replace

from benchmarks.load.operations import OPERATIONS, Request

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# What the service or the server chooses at each write.
CHOSEN = {"create": {"id": ID, "created_at": TIME, "updated_at": TIME}, "put": {"updated_at": TIME}}
CHOSEN["toggle"] = CHOSEN["put"]


class DisagreementError(Exception):
    pass


def answers(port):
    """The status and the JSON, in the order of its members, of each operation and of what else a client relies on."""
    found = {name: answer(port, operation(7), CHOSEN.get(name, {})) for name, operation in OPERATIONS.items()}
    stranger = Request("GET", OPERATIONS["get"](7).path.replace("/reader-", "/stranger-"), status=404)
    one_member = replace(OPERATIONS["put"](7), body={"is_completed": True})
    return found | {
        "another user's task": answer(port, stranger, {})[0],
        "put of one member": answer(port, one_member, CHOSEN["put"]),
    }


def answer(port, request, chosen):
    content = None if request.body is None else json.dumps(request.body).encode()
    sent = urllib.request.Request(f"http://127.0.0.1:{port}{request.path}", content, method=request.method)
    sent.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(sent, timeout=30) as received:
            status, content = received.status, received.read()
    except urllib.error.HTTPError as error:
        with error:
            status, content = error.code, error.read()
    if status != request.status:
        raise DisagreementError(f"{request.method} {request.path} was answered {status}: {content}")
    body = json.loads(content)
    for member, pattern in chosen.items():
        if not pattern.fullmatch(body[member]):
            raise DisagreementError(f"{member} is {body[member]!r}")
        body[member] = "chosen"
    # As text: the members' order counts.
    return status, json.dumps(body)


def compare(name, wanted, found):
    """Raises DisagreementError at the first operation that is answered otherwise."""
    for operation, answer in wanted.items():
        if found[operation] != answer:
            raise DisagreementError(f"{name}, {operation}:\n{found[operation]}\nbut the service answers\n{answer}")
