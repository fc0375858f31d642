"""Each promise of docs/security.md names the tests that show it, and each of these tests exists."""

import re

import pytest

from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*\|$", PAGE, re.MULTILINE)]
# For each promise, the cell that names what shows it. The header rows of the tables are left out.
SHOWN = {promise: shown for *_, promise, shown in ROWS if shown != "shown by" and set(shown) != {"-"}}
FACTS = {
    "Nothing here is bought or booked. The proxy limits automated creation, as in API4.",
}
# `test_module`, `test_module::test_name`, or `::test_name` for the module named before. … is the rest of a name.
TEST = re.compile(r"`(test_\w+)?(?:::(test_\w+…?))?`")


def names_in(module):
    [file] = ROOT.glob(f"tests/**/{module}.py")
    return re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)


def test_only_facts_are_shown_by_nothing():
    assert {promise for promise, shown in SHOWN.items() if not shown} == FACTS


@pytest.mark.parametrize("promise", sorted(SHOWN.keys() - FACTS))
def test_tests_that_a_promise_names_are_there(promise):
    tests = TEST.findall(SHOWN[promise])
    assert tests or SHOWN[promise] == "`python3 run.py check`"
    module = ""
    for sent, name in tests:
        module = sent or module
        assert any(re.fullmatch(name.replace("…", r"\w*") or r"\w+", each) for each in names_in(module)), name
