"""A TypeScript client that openapi-typescript generates from the document for openapi-fetch. It compiles strictly."""

import json
import re

import pytest

from tests.clients.programs import run
from tests.clients.typescript import made, module_of_the_page
from tests.clients.walked import PARTS, assert_features_walked, assert_walked
from tests.support.proxy import Proxy
from tests.support.service import ROOT
from tests.support.tokens import token_of

pytestmark = pytest.mark.run_once("sqlite")

AUTHENTICATION = ROOT / "docs" / "authentication.md"


@pytest.fixture(scope="module")
def project_with_tokens(packages, tmp_path_factory):
    """The same with the line of docs/authentication.md, below the line that makes the client."""
    line = re.search(r"^api\.use.*", AUTHENTICATION.read_text(), re.MULTILINE)[0]
    lines = rf"\g<0>\nconst token = async () => process.env.TOKEN;\n{line}"
    module = re.sub(r"^const api = .*", lines, module_of_the_page(), flags=re.MULTILINE)
    return made(tmp_path_factory.mktemp("tokens"), packages, "openapi-bearer.json", module)


def test_typed_client_walks_the_operations_and_errors(typescript_project, service, user_id):
    printed = run("node", "built/walk.js", service.url, user_id, cwd=typescript_project)
    problem = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}
    assert_walked(printed, user_id, problem)


def test_typed_client_walks_the_features(typescript_project, service, user_id):
    printed = run("node", "built/walk_features.js", service.url, user_id, cwd=typescript_project)
    assert_features_walked(printed, user_id)


# The module of docs/clients.md


def walked_page(project, url, part, user_id, **environment):
    """What a part of walk_page.ts prints."""
    printed = run("node", "built/walk_page.js", part, user_id, cwd=project, NEXT_PUBLIC_TASKS_URL=url, **environment)
    return json.loads(printed)


@pytest.mark.parametrize("part", PARTS)
def test_code_of_the_page_does_what_the_page_says(typescript_project, service, user_id, part):
    assert walked_page(typescript_project, service.url, part, user_id) == PARTS[part]


@pytest.mark.parametrize("part", PARTS)
def test_code_with_the_line_for_tokens_does_the_same_for_me(project_with_tokens, guarded_service, user_id, part):
    token = token_of(user_id)
    assert walked_page(project_with_tokens, guarded_service.url, part, "me", TOKEN=token) == PARTS[part]


def test_create_that_loses_its_answer_makes_one_task(typescript_project, service, user_id):
    with Proxy(service.port) as proxy, proxy.losing_an_answer(b"POST "):
        url = f"http://127.0.0.1:{proxy.port}"
        assert walked_page(typescript_project, url, "createOnce", user_id) == PARTS["createOnce"]
