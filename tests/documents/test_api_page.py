"""docs/api.md has the operations, query parameters and headers that the OpenAPI document has."""

import json
import re

import pytest

from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*\|$", PAGE, re.MULTILINE)]
PATHS = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))["paths"]
OPERATIONS = {
    operation["operationId"]: (method.upper(), path.replace("task_id", "id"), operation)
    for path, methods in PATHS.items()
    for method, operation in methods.items()
}
NAME = re.compile(r"`([\w-]+)`")


def parameters(place):
    """The operations of each parameter."""
    found = {}
    for name, (*_, operation) in OPERATIONS.items():
        for parameter in operation["parameters"]:
            if parameter["in"] == place:
                found.setdefault(parameter["name"], set()).add(name)
    return found


def headers_of_answers():
    """The operations of each header, of the answers to what succeeded."""
    found = {}
    for name, (*_, operation) in OPERATIONS.items():
        [answer] = [answer for status, answer in operation["responses"].items() if status in ("200", "201")]
        for header in answer.get("headers", {}):
            found.setdefault(header, set()).add(name)
    return found


def rows_of(name):
    return [cells for cells in ROWS if name in NAME.findall(cells[0])]


def test_page_has_the_request_of_every_operation():
    requests = {NAME.findall(cells[0])[0]: cells[1] for cells in ROWS if "{user_id}" in cells[1]}
    seen = {name: tuple(re.match(r"`(\w+) ([^`]+)`", request).groups()) for name, request in requests.items()}
    assert seen == {name: (method, path) for name, (method, path, _) in OPERATIONS.items()}


@pytest.mark.parametrize("name", parameters("query"))
def test_page_has_every_query_parameter(name):
    assert len(rows_of(name)) == 1


@pytest.mark.parametrize(("name", "operations"), (parameters("header") | headers_of_answers()).items())
def test_page_has_every_header_with_its_operations(name, operations):
    [cells] = rows_of(name)
    assert set(NAME.findall(cells[1])) == operations
