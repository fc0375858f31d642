"""A TypeScript client that openapi-typescript generates from the document for openapi-fetch. It compiles strictly."""

import json
import re
import shutil

import pytest

from tests.clients.programs import HERE, run
from tests.clients.walked import assert_walked
from tests.support.service import ROOT
from tests.support.tokens import token_of

pytestmark = pytest.mark.run_once("sqlite")

PAGE = ROOT / "docs" / "clients.md"
AUTHENTICATION = ROOT / "docs" / "authentication.md"


def made(folder, packages, document, module):
    """The generated types, the walk and the page's module, compiled together as a frontend would."""
    (folder / "node_modules").symlink_to(packages / "node_modules")
    for name in ("package.json", "tsconfig.json", "walk.ts", "walk_page.ts"):
        shutil.copy(HERE / name, folder)
    (folder / "tasks.ts").write_text(module)
    bin_ = folder / "node_modules" / ".bin"
    run(bin_ / "openapi-typescript", ROOT / document, "--output", "schema.ts", cwd=folder)
    run(bin_ / "tsc", cwd=folder)
    return folder


def module_of_the_page():
    return re.search(r"```ts\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


@pytest.fixture(scope="module")
def project(packages, tmp_path_factory):
    return made(tmp_path_factory.mktemp("typescript"), packages, "openapi.json", module_of_the_page())


@pytest.fixture(scope="module")
def project_with_tokens(packages, tmp_path_factory):
    """The same with the line of docs/authentication.md, below the line that makes the client."""
    line = re.search(r"^api\.use.*", AUTHENTICATION.read_text(), re.MULTILINE)[0]
    lines = rf"\g<0>\nconst token = async () => process.env.TOKEN;\n{line}"
    module = re.sub(r"^const api = .*", lines, module_of_the_page(), flags=re.MULTILINE)
    return made(tmp_path_factory.mktemp("tokens"), packages, "openapi-bearer.json", module)


def test_typed_client_walks_the_operations_and_errors(project, service, user_id):
    printed = run("node", "built/walk.js", service.url, user_id, cwd=project)
    problem = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}
    assert_walked(printed, user_id, problem)


def test_module_of_the_page_does_what_the_page_says(project, service, user_id):
    assert walked_page(project, service, user_id) == WALKED


def test_module_with_the_line_for_tokens_does_the_same_for_me(project_with_tokens, guarded_service, user_id):
    assert walked_page(project_with_tokens, guarded_service, "me", TOKEN=token_of(user_id)) == WALKED


def walked_page(project, service, user_id, **environment):
    return json.loads(
        run("node", "built/walk_page.js", user_id, cwd=project, NEXT_PUBLIC_TASKS_URL=service.url, **environment)
    )


REFUSED = "String should have at least 1 character; String should have at most 5000 characters"
WALKED = {"states": [True, True, True], "errors": [[422, REFUSED], [404, "Task not found"]]}
