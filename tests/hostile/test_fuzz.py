"""20,000 malformed requests: none ends in a 5xx, in a hang, or in an answer that is not in the contract."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hostile.generator import connections
from tests.hostile.verdict import fault_of
from tests.support.wire import exchange, request

SEED = 20_261
REQUESTS = 20_000


@pytest.mark.run_once("postgresql")
def test_malformed_requests_end_in_answers_of_the_contract(service):
    workers, logged = set(service.workers()), len(service.log.read_text())
    sent = list(connections(SEED, REQUESTS))
    assert sum(map(len, sent)) == REQUESTS
    with ThreadPoolExecutor(4) as clients:
        faults = [fault for fault in clients.map(lambda batch: fault_of(service.port, batch), sent) if fault]
    assert faults[:3] == []
    assert workers <= set(service.workers())
    assert "Traceback" not in service.log.read_text()[logged:]
    [answer] = exchange(service.port, request("GET", "/health"))
    assert answer.shape == {"status": "healthy"}
