"""The pages under a path prefix in a real browser, behind nginx. A load that fails fails the test."""

import secrets
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.conftest import new_database
from tests.support.chromium import chromium
from tests.support.client import create, tasks
from tests.support.service import ROOT, Gunicorn

pytestmark = pytest.mark.run_once("sqlite")
expect.set_options(timeout=15_000)
PASSWORD = secrets.token_urlsafe(16)
# ReDoc tries to load its makers' logo. The Content-Security-Policy stops that before a request is sent.
REDOC_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"


@pytest.fixture(scope="module")
def service(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("prefix")
    with new_database(folder) as url, Gunicorn(url, folder / "log", SCRIPT_NAME="/svc") as service:
        superuser = {"USERNAME": "admin", "EMAIL": "admin@example.com", "PASSWORD": PASSWORD}
        environment = service.environment | {f"DJANGO_SUPERUSER_{name}": value for name, value in superuser.items()}
        command = [sys.executable, "manage.py", "createsuperuser", "--no-input"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield service


@pytest.fixture
def page(prefixed):
    """A page of a fresh profile, below the prefix alone."""
    faults, answers, base_url = [], [], f"http://127.0.0.1:{prefixed.port}"

    def note_answer(answer):
        answers.append(answer)
        if answer.status >= 400 or not answer.url.startswith(
            (f"http://127.0.0.1:{prefixed.port}/svc/", "blob:", "data:")
        ):
            faults.append(f"{answer.url}: {answer.status}")

    with chromium() as browser, browser.new_context(base_url=base_url) as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("response", note_answer)
        page.on("requestfailed", lambda request: request.url == REDOC_LOGO or faults.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        page.wait_for_load_state("networkidle")
        cookies = [
            header["value"]
            for answer in answers
            for header in answer.headers_array()
            if header["name"].lower() == "set-cookie"
        ]
    assert faults == []
    assert [cookie for cookie in cookies if "; Path=/svc;" not in f"{cookie};"] == []


def test_docs_try_out_an_operation(page, service):
    page.goto("/svc/docs")
    operation = page.locator("#operations-tasks-createTask")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("user_id").fill("tried out")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status")).to_have_text("201")
    assert tasks(service, "tried%20out") != []


def test_redoc_renders_the_operations(page):
    page.goto("/svc/redoc")
    expect(page.locator("h2").filter(has_text="Create a task")).to_be_visible()


def test_admin_logs_in_edits_a_task_and_logs_out(page, service):
    task = create(service, "owner", "Before")
    # What is to come next is unsafe, so the settings name the page.
    page.goto("/svc/admin/login/?next=//other.example")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Administration | Backend Task Service")
    for link in page.locator("a").evaluate_all("links => links.map(link => link.pathname)"):
        assert f"{link}/".startswith("/svc/")
    page.goto(f"/svc/admin/tasks/task/{task['id']}/change/")
    page.get_by_label("Title").fill("After")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("was changed successfully")
    cookies = {cookie["name"]: cookie["path"] for cookie in page.context.cookies()}
    assert cookies == {"sessionid_svc": "/svc", "csrftoken_svc": "/svc"}
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Logged out")).to_be_visible()
    assert "After" in [task["title"] for task in tasks(service, "owner")]
