"""README and CONTRIBUTING: the walk runs against the live service, figures are those of the chart, links lead on."""

import re
import shutil
import subprocess

import pytest
from django.core.management import get_commands

from tests.support.missing import not_installed
from todo_project.settings import BASE_DIR

pytestmark = pytest.mark.run_once("sqlite")

README = (BASE_DIR / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (BASE_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
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


@pytest.mark.skipif(not shutil.which("curl"), reason=not_installed("curl", "curl"))
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


def spans_of_the_chart():
    """The lowest and the highest factor of each peer. The first candidate is this service."""
    texts = re.findall(r"<text[^>]*>([^<]*)<", (BASE_DIR / "docs" / "benchmarks.svg").read_text(encoding="utf-8"))
    assert texts[0] == "CPU of the application for one request, in multiples of this service"
    factors = [float(text[:-1]) for text in texts if re.fullmatch(r"[\d.]+x", text)]
    peers = [text for text in texts[1:] if not re.fullmatch(r"[\d.]+x", text)][1:5]
    return {peer: (min(factors[place::5]), max(factors[place::5])) for place, peer in enumerate(peers, 1)}


def test_figures_above_the_chart_are_those_of_the_chart():
    claim = " ".join(README.partition("![")[0].split())
    names = {
        "FastAPI + SQLModel": "SQLModel",
        "FastAPI + asyncpg": "asyncpg",
        "stock DRF": "stock Django REST Framework",
    }
    claimed = {
        peer: tuple(map(float, re.search(rf"{names.get(peer, peer)}(?: takes)? ([\d.]+) to ([\d.]+)", claim).groups()))
        for peer in spans_of_the_chart()
    }
    assert claimed == spans_of_the_chart()
    assert "times its CPU" in claim


@pytest.mark.parametrize("page", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_files_and_commands_that_a_page_names_are_there(page):
    named = set(re.findall(r"\]\(([^)#:]+)", page)) | set(re.findall(r"\btests/[\w/]+(?:\.py|/)", page))
    commands = set(re.findall(r"run\.py manage (\w+)", page))
    assert [name for name in sorted(named) if not (BASE_DIR / name).exists()] == []
    assert commands
    assert commands - get_commands().keys() == set()
