"""The fixed corpus: its answers are the same on both databases and under either worker, and none is a 5xx."""

import time

import pytest

from tests.conftest import new_database
from tests.faults.test_slow_clients import KEPT_WAITING_SECONDS
from tests.hostile.corpus import bodies, framing, headers, targets
from tests.hostile.corpus.gthread import DIFFERENCES
from tests.support.service import Service
from tests.support.wire import exchange, request

ROWS = {
    f"{topic}: {row[0]}": row[1:]
    for topic, rows in (bodies.ROWS | targets.ROWS | headers.ROWS | framing.ROWS).items()
    for row in rows
}
CORPUS = [pytest.param(*row, id=name) for name, row in ROWS.items()]
OF_GTHREAD = [pytest.param(row[0], *DIFFERENCES.get(name, row[1:])[:2], id=name) for name, row in ROWS.items()]
BESIDE = request("GET", "/api/beside/tasks")


@pytest.fixture(scope="module")
def gthread(tmp_path_factory, django_db_setup):
    """The service under gunicorn's own worker, which replaces ours on systems without epoll."""
    folder = tmp_path_factory.mktemp("gthread")
    with (
        new_database(folder) as url,
        Service(url, folder / "log", GUNICORN_CMD_ARGS="--worker-class gthread") as running,
    ):
        yield running


def answer_to(service, sent):
    """The status and shape of the one answer. After it another client must get its list, and not wait for anything."""
    [answer] = exchange(service.port, sent)
    begin = time.monotonic()
    [beside] = exchange(service.port, BESIDE)
    assert (beside.status, beside.body, time.monotonic() - begin < KEPT_WAITING_SECONDS) == (200, b"[]", True)
    return answer.status, answer.shape


@pytest.mark.parametrize(("sent", "status", "shape"), CORPUS)
def test_a_hostile_request_gets_the_contracts_answer(service, sent, status, shape):
    assert answer_to(service, sent) == (status, shape)


@pytest.mark.run_once("sqlite")
@pytest.mark.parametrize(("sent", "status", "shape"), OF_GTHREAD)
def test_it_gets_the_same_under_gunicorns_own_worker(gthread, sent, status, shape):
    assert answer_to(gthread, sent) == (status, shape)


def test_no_row_of_the_corpus_is_there_twice():
    assert len(CORPUS) == len({row.id for row in CORPUS}) == len({row.values[0] for row in CORPUS}) >= 150


def test_each_difference_is_one_and_has_a_reason():
    assert all(ROWS[name][1:] != tuple(answer) and reason for name, (*answer, reason) in DIFFERENCES.items())
