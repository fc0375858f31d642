"""A TypeScript client that openapi-typescript generates from the document for openapi-fetch. It compiles strictly."""

import json
import re
import shutil

import pytest

from tests.clients.programs import HERE, run
from tests.clients.walked import assert_walked
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

PAGE = ROOT / "docs" / "clients.md"


@pytest.fixture(scope="module")
def project(packages, tmp_path_factory):
    """The generated types, the walk and the page's snippet, compiled together as a frontend would."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(packages / "node_modules")
    for name in ("package.json", "tsconfig.json", "walk.ts", "walk_page.ts"):
        shutil.copy(HERE / name, folder)
    [snippet] = re.findall(r"```ts\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "tasks.ts").write_text(snippet)
    bin_ = folder / "node_modules" / ".bin"
    run(bin_ / "openapi-typescript", ROOT / "openapi.json", "--output", "schema.ts", cwd=folder)
    run(bin_ / "tsc", cwd=folder)
    return folder


def test_typed_client_walks_the_operations_and_errors(project, service, user_id):
    printed = run("node", "built/walk.js", service.url, user_id, cwd=project)
    problem = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}
    assert_walked(printed, user_id, problem)


def test_module_of_the_page_does_what_the_page_says(project, service, user_id):
    printed = run("node", "built/walk_page.js", user_id, cwd=project, NEXT_PUBLIC_TASKS_URL=service.url)
    refused = "String should have at least 1 character; String should have at most 5000 characters"
    assert json.loads(printed) == {
        "states": [True, True, True],
        "errors": [[422, refused], [404, "Task not found"]],
    }
