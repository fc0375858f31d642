"""20,000 malformed requests: none ends in a 5xx, in a hang, or in an answer that the contract does not know."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.hostile.generator import connections
from tests.hostile.wire import REFUSED, exchange, request

SEED = 20_261
REQUESTS = 20_000
REFUSALS = {400, 414, 417, 431}
TASK = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
PROBLEM = {"loc", "msg", "type"}


def is_known(answer):
    """Whether the contract knows this answer; gunicorn may refuse bytes that are no request with a page of 4xx."""
    if answer.shape == REFUSED:
        return answer.status in REFUSALS
    said = json.loads(answer.body)
    if answer.status == 422:
        return all(set(problem) == PROBLEM and problem["loc"][0] in ("body", "path") for problem in said["detail"])
    if answer.status >= 400:
        return answer.status < 500 and list(said) == ["detail"] and isinstance(said["detail"], str)
    return isinstance(said, list) or list(said) == TASK


def fault_of(port, sent):
    """What is wrong with the answers to one connection; None where nothing is."""
    try:
        answers = exchange(port, b"".join(sent), deadline=20)
    except (OSError, ValueError) as error:
        return sent, error
    unknown = [answer for answer in answers if not is_known(answer)]
    return (sent, unknown, len(answers)) if unknown or (len(sent) > 1 and len(answers) != len(sent)) else None


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="runs once, on the stricter database; the corpus runs on both"
)
def test_malformed_requests_end_in_answers_of_the_contract(service):
    workers, logged = service.workers(), len(service.log.read_text())
    sent = list(connections(SEED, REQUESTS))
    assert sum(map(len, sent)) == REQUESTS
    with ThreadPoolExecutor(4) as clients:
        faults = [fault for fault in clients.map(lambda batch: fault_of(service.port, batch), sent) if fault]
    assert faults[:3] == []
    assert service.workers() == workers
    assert "Traceback" not in service.log.read_text()[logged:]
    [answer] = exchange(service.port, request("GET", "/health"))
    assert answer.shape == {"status": "healthy"}
