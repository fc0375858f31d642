"""A Python client that openapi-python-client generates from the document. It is strictly typed."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.clients.programs import HERE, run
from tests.clients.walked import assert_walked
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

PAGE = ROOT / "docs" / "clients.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("python")
    shutil.copy(HERE / "walk.py", folder)
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "page.py").write_text(snippet)
    source = ["--path", ROOT / "openapi.json", "--meta", "none", "--output-path", "task_client"]
    run(Path(sys.executable).with_name("openapi-python-client"), "generate", *source, "--fail-on-warning", cwd=folder)
    return folder


def test_client_and_what_uses_it_are_strictly_typed(project):
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        f"--config-file={HERE / 'mypy.ini'}",
        "walk.py",
        "page.py",
        "task_client",
    ]
    assert run(*command, cwd=project).startswith("Success: no issues found")


def test_typed_client_walks_the_operations_and_errors(project, service, user_id):
    printed = run(sys.executable, "walk.py", service.url, user_id, cwd=project)
    blank = "String should have at least 1 character"
    assert_walked(printed, user_id, {"loc": ["body", "title"], "msg": blank, "type": "string_too_short"})


def test_code_of_the_page_completes_a_task(project, service):
    code = (project / "page.py").read_text().replace("http://localhost:8000", service.url)
    assert "title='Buy milk', description=None, is_completed=True" in run(sys.executable, "-c", code, cwd=project)
