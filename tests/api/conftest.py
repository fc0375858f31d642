from contextlib import ExitStack

import pytest

from tests.support.client import Client


@pytest.fixture
def clients(service):
    """Makes the given number of clients, each with its own connection."""
    with ExitStack() as stack:
        yield lambda count: [stack.enter_context(Client(service.port)) for _ in range(count)]
