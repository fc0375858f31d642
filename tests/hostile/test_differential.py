"""We understand 5,000 mutated requests as gunicorn and h11 do, and the same way however they are cut."""

import pytest

from tests.hostile.differential import FaultError, check, explain, run
from tests.hostile.disagreements import CHUNKED, CLASSES, GET, LAST
from todo_project.server.reader import RequestReader

pytestmark = pytest.mark.run_once("sqlite")

INPUTS = 5_000
KNOWN = [pytest.param(known, name, id=f"{known.name}: {name}") for known in CLASSES for name in known.whose.split()]
SENT = GET + b"Content-Length: 30\r\n\r\nDELETE / HTTP/1.1\r\nHost: a\r\n\r\n"
# What llhttp accepts only with the leniency of that name.
LENIENCIES = {
    "lenient_headers": GET + b"X: a\r\n b\r\n\r\n",
    "lenient_chunked_length": CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + LAST,
    "lenient_optional_lf_after_cr": GET + b"\r\r\n",
    "lenient_optional_cr_before_lf": GET + b"X: a\n\r\n",
    "lenient_optional_crlf_after_chunk": CHUNKED + b"1\r\na" + LAST,
    "lenient_spaces_after_chunk_size": CHUNKED + b"1 \r\na\r\n" + LAST,
}


def test_we_understand_what_others_do():
    _, faults = run(INPUTS)
    assert faults[:3] == []


@pytest.mark.parametrize(("known", "name"), KNOWN)
def test_each_explanation_is_needed(known, name):
    assert explain(known.example, name) == [known.name]
    assert known.why


class Smuggled(RequestReader):
    def feed(self, data):
        super().feed(data.replace(b"Content-Length", b"Length"))


class Forgetful(RequestReader):
    def feed(self, data):
        super().feed(data.lstrip(b" ") or data)


class Endless(RequestReader):
    def feed(self, data):
        while data:
            pass


@pytest.mark.parametrize(
    ("reader_class", "said"), [(Smuggled, "To us"), (Forgetful, "Whole, cut"), (Endless, "Not read within")]
)
def test_a_wrong_reader_is_found_out(reader_class, said):
    with pytest.raises(FaultError, match=said):
        check(SENT, [SENT[:3], SENT[3:]], reader_class)


@pytest.mark.parametrize(("leniency", "sent"), LENIENCIES.items(), ids=LENIENCIES)
def test_a_lenient_reader_is_found_out(leniency, sent):
    class Lenient(RequestReader):
        def __init__(self):
            super().__init__()
            self.parser.set_dangerous_leniencies(**{leniency: True})

    with pytest.raises(FaultError, match="To us"):
        check(sent, [sent], Lenient)


@pytest.mark.parametrize("sent", [SENT, *LENIENCIES.values()], ids=["sound", *LENIENCIES])
def test_ours_is_not(sent):
    check(sent, [sent[:3], sent[3:]])


def test_a_wrong_reader_is_found_out_by_mutations():
    _, faults = run(200, reader_class=Smuggled)
    assert len(faults) > 10
