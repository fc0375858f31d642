"""Each command of the README's walk runs against the live service, and each link of the README leads to a page."""

import re
import shutil
import subprocess

import pytest

from todo_project.settings import BASE_DIR

pytestmark = pytest.mark.run_once("sqlite")

README = (BASE_DIR / "README.md").read_text()
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CURSOR = r"cursor=[\w-]{44}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"


def walk():
    """The commands of the walk, each with the answer below it."""
    (block,) = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    steps = [step.partition("\n") for step in block.removeprefix("$ ").split("\n$ ")]
    return [(command, answer.strip()) for command, _, answer in steps]


def without_what_changes(text):
    """Without ids, times and cursors, which differ from run to run."""
    return re.sub(CURSOR, "CURSOR", re.sub(TIME, "TIME", re.sub(UUID, "ID", text)))


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_walk_answers_what_the_readme_says(service):
    steps = walk()
    script = "\n".join(f"{command}; echo; echo ---" for command, _ in steps)

    done = subprocess.run(
        ["bash", "-eu", "-c", script.replace("localhost:8000", f"127.0.0.1:{service.port}")],
        capture_output=True,
        text=True,
        timeout=60,
    )

    answers = [answer.strip() for answer in done.stdout.split("---")[:-1]]
    assert done.stderr == ""
    assert [without_what_changes(answer) for answer in answers] == [without_what_changes(answer) for _, answer in steps]
    assert {command.split()[0] for command, _ in steps} == {"curl", "TASK=localhost:8000/api/user-1/tasks/$(curl"}
    assert len(steps) == 10


def test_readme_leads_to_every_page_and_to_nothing_else():
    linked = set(re.findall(r"\]\((docs/[^)#]+)", README))
    pages = {f"docs/{page.name}" for page in (BASE_DIR / "docs").glob("*.md")}

    assert linked == pages | {"docs/benchmarks.svg"}
    assert (BASE_DIR / "docs" / "benchmarks.svg").exists()
