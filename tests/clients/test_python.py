"""A Python client that openapi-python-client generates from the document. It is strictly typed."""

import re
import sys
from pathlib import Path

import pytest

from tests.clients.programs import HERE, run
from tests.clients.walked import assert_features_walked, assert_walked
from tests.support.service import ROOT
from tests.support.tokens import token_of

pytestmark = pytest.mark.run_once("sqlite")

PAGE = ROOT / "docs" / "clients.md"
WALKS = ("walk.py", "walk_features.py")


def made(folder, document, rewrite=lambda walk: walk):
    """The generated client, the walks and the code of the page."""
    for name in WALKS:
        (folder / name).write_text(rewrite((HERE / name).read_text()))
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "page.py").write_text(snippet)
    source = ["--path", ROOT / document, "--meta", "none", "--output-path", "task_client"]
    run(Path(sys.executable).with_name("openapi-python-client"), "generate", *source, "--fail-on-warning", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return made(tmp_path_factory.mktemp("python"), "openapi.json")


@pytest.fixture(scope="module")
def project_with_tokens(tmp_path_factory):
    """The same walks with the client that sends a token."""

    def rewrite(walk):
        walk = re.sub(r"\bClient\b", "AuthenticatedClient", walk)
        walk = walk.replace("import json", "import json\nimport os", 1)
        return walk.replace("base_url=url", "base_url=url, token=os.environ['TOKEN']")

    return made(tmp_path_factory.mktemp("tokens"), "openapi-bearer.json", rewrite)


def test_client_and_what_uses_it_are_strictly_typed(project):
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        f"--config-file={HERE / 'mypy.ini'}",
        *WALKS,
        "page.py",
        "task_client",
    ]
    assert run(*command, cwd=project).startswith("Success: no issues found")


BLANK = {"loc": ["body", "title"], "msg": "String should have at least 1 character", "type": "string_too_short"}


def test_typed_client_walks_the_operations_and_errors(project, service, user_id):
    assert_walked(run(sys.executable, "walk.py", service.url, user_id, cwd=project), user_id, BLANK)


def test_client_with_a_token_walks_the_same_as_me(project_with_tokens, guarded_service, user_id):
    token = token_of(user_id)
    printed = run(sys.executable, "walk.py", guarded_service.url, "me", cwd=project_with_tokens, TOKEN=token)
    assert_walked(printed, user_id, BLANK)


def test_typed_client_walks_the_features(project, service, user_id):
    printed = run(sys.executable, "walk_features.py", service.url, user_id, cwd=project)
    assert_features_walked(printed, user_id)


def test_client_with_a_token_walks_the_features_as_me(project_with_tokens, guarded_service, user_id):
    token = token_of(user_id)
    printed = run(sys.executable, "walk_features.py", guarded_service.url, "me", cwd=project_with_tokens, TOKEN=token)
    assert_features_walked(printed, user_id)


def test_code_of_the_page_completes_a_task(project, service):
    code = (project / "page.py").read_text().replace("http://localhost:8000", service.url)
    assert "title='Buy milk', description=None, is_completed=True" in run(sys.executable, "-c", code, cwd=project)
