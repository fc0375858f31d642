"""What todo_project/server relies on in gunicorn and httptools. If a test fails, read its docstring again."""

import inspect
from importlib.metadata import version

import httptools
import pytest
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker

pytestmark = pytest.mark.run_once("sqlite")


def test_they_are_the_versions_that_were_read():
    assert (version("gunicorn"), version("httptools")) == ("27.0.1", "0.9.0")


def test_gunicorn_has_what_is_called():
    assert list(inspect.signature(wsgi.create).parameters)[:5] == ["req", "sock", "client", "server", "cfg"]
    assert list(inspect.signature(util.write_error).parameters) == ["sock", "status_int", "reason", "mesg"]
    assert {"init_process", "notify", "handle_exit"} <= vars(Worker).keys()
    assert {"stop", "LISTENERS", "START_CTX"} <= vars(Arbiter).keys()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: %b\r\n" % (b"9" * 30), "Content-Length overflow"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 17, "Chunk size overflow"),
    ],
)
def test_llhttp_says_so_of_a_length_that_is_too_large(sent, reason):
    with pytest.raises(httptools.HttpParserError, match=reason):
        httptools.HttpRequestParser(object()).feed_data(sent)
