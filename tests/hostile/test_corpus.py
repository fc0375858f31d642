"""The fixed corpus: the same answers on both databases, and none of 5xx."""

import pytest

from tests.hostile.corpus import bodies, framing, headers, targets
from tests.hostile.wire import exchange

CORPUS = [
    pytest.param(*row[1:], id=f"{topic}: {row[0]}")
    for topic, rows in (bodies.ROWS | targets.ROWS | headers.ROWS | framing.ROWS).items()
    for row in rows
]


@pytest.mark.parametrize(("sent", "status", "shape"), CORPUS)
def test_a_hostile_request_gets_the_contracts_answer(service, sent, status, shape):
    [answer] = exchange(service.port, sent)
    assert (answer.status, answer.shape) == (status, shape)


def test_no_row_of_the_corpus_is_there_twice():
    assert len(CORPUS) == len({row.id for row in CORPUS}) == len({row.values[0] for row in CORPUS}) >= 150
