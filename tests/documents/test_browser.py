"""The pages in a real browser: Debian's chromium, driven by playwright."""

import json
import re
import secrets
import subprocess
import sys
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.chromium import chromium
from tests.support.client import create, tasks
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("postgresql")

# In the order of the document, which is that of the paths.
OPERATIONS = {
    "listTasks": "List tasks",
    "createTask": "Create a task",
    "completeTasks": "Complete or reopen tasks",
    "deleteTasks": "Delete tasks",
    "getTask": "Get a task",
    "updateTask": "Update a task",
    "deleteTask": "Delete a task",
    "toggleTaskComplete": "Toggle or set a task's completion",
    "createTasks": "Create several tasks",
}

# A long timeout, because the machine may be busy.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser(service):
    # The service's fixtures come first: Django's ORM refuses to work in a thread where playwright's event loop runs.
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, service):
    """A page of a fresh profile. A request to another host, a failed load or an error on the page fails the test."""
    asked, faults = [], []

    def note_message(message):
        if message.type == "error":
            faults.append(f"{message.location['url']}: {message.text}")

    with browser.new_context(base_url=service.url) as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: faults.append(f"{request.url}: {request.failure}"))
        page.on("console", note_message)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        page.wait_for_load_state("networkidle")
    assert faults == []
    assert {urlsplit(url.removeprefix("blob:")).netloc for url in asked} - {"", urlsplit(service.url).netloc} == set()


@pytest.fixture
def user_id():
    return f"browser {secrets.token_hex(4)}"


# The documentation


def test_docs_show_the_operations(page):
    page.goto("/docs")
    expect(page.locator(".opblock")).to_have_count(len(OPERATIONS))
    ids = page.locator(".opblock").evaluate_all("blocks => blocks.map(block => block.id)")
    assert ids == [f"operations-tasks-{operation}" for operation in OPERATIONS]


def try_out_create(page):
    page.goto("/docs")
    operation = page.locator("#operations-tasks-createTask")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    return operation


def execute(operation):
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status")).to_have_text("201")


def test_try_it_out_in_docs_creates_a_task(page, service, user_id):
    operation = try_out_create(page)
    operation.get_by_placeholder("user_id").fill(user_id)
    operation.locator("textarea").fill('{"title": "Tried out"}')
    execute(operation)
    assert [task["title"] for task in tasks(service, quote(user_id))] == ["Tried out"]


def test_what_docs_offer_to_try_out_is_taken_as_it_is(page, service):
    operation = try_out_create(page)
    user_id = operation.get_by_placeholder("user_id").input_value()
    offered = json.loads(operation.locator("textarea").input_value())
    execute(operation)
    assert offered.items() <= tasks(service, user_id)[-1].items()
    assert offered == {"title": "Buy milk", "description": "Two litres", "is_completed": False}


def test_docs_show_a_request_as_anyone_may_send_it(page, user_id):
    operation = try_out_create(page)
    operation.get_by_placeholder("user_id").fill(user_id)
    execute(operation)
    headers = re.findall("-H '([^:]+): ", operation.locator(".curl").inner_text())
    assert headers == ["accept", "Idempotency-Key", "Content-Type"]


def test_docs_follow_the_mode_of_the_visitors_system(page):
    page.goto("/docs")
    expect(page.locator("html")).to_have_css("background-color", "rgb(250, 250, 250)")
    # The page hears of the change a moment later.
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_css("background-color", "rgb(28, 32, 34)")
    expect(page.locator(".info .title")).to_have_css("color", "rgb(210, 214, 215)")


def test_documents_have_no_link_to_another_host_but_the_makers(page, service):
    def foreign_links():
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
        return [link for link in links if not link.startswith(service.url)]

    page.goto("/docs")
    expect(page.locator(".opblock")).to_have_count(len(OPERATIONS))
    assert foreign_links() == []
    page.goto("/redoc")
    expect(page.locator("h2")).to_have_count(len(OPERATIONS) + 1)
    assert foreign_links() == ["https://redocly.com/redoc/"]


def test_redoc_renders_the_operations(page):
    page.goto("/redoc")
    expect(page.locator("h2")).to_have_text(["tasks", *OPERATIONS.values()])
    expect(page.get_by_role("heading", name="Backend Task Service")).to_be_visible()


# The admin


@pytest.fixture(scope="module")
def password(service):
    """Makes an admin named "admin" as the README says, and returns the password."""
    password = secrets.token_urlsafe(16)
    superuser = {"USERNAME": "admin", "EMAIL": "admin@example.com", "PASSWORD": password}
    environment = service.environment | {f"DJANGO_SUPERUSER_{name}": value for name, value in superuser.items()}
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--no-input"], cwd=ROOT, env=environment, check=True
    )
    return password


@pytest.fixture
def admin(page, password):
    """The page of an admin who has logged in."""
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Administration | Backend Task Service")
    return page


@pytest.fixture
def word():
    """A word for titles that no other test uses."""
    return f"word{secrets.token_hex(4)}"


def search(admin, words):
    admin.get_by_role("link", name="Tasks", exact=True).last.click()
    admin.locator("#searchbar").fill(words)
    admin.get_by_role("button", name="Search").click()


def column(admin, name):
    return admin.locator(f"#result_list tbody tr .field-{name}")


def test_admin_lists_the_tasks_of_all_users(admin, service, word):
    for number in (1, 2):
        create(service, f"{word}-{number}", f"Listed {word}")
    search(admin, word)
    expect(column(admin, "owner")).to_have_text([f"{word}-2", f"{word}-1"])


def overflow(admin):
    """By how many pixels the page and the list are wider than there is room."""
    boxes = "[document.documentElement, document.querySelector('.results')]"
    return admin.evaluate(f"{boxes}.map(box => box.scrollWidth - box.clientWidth)")


@pytest.mark.parametrize(("width", "display"), [(1400, "table"), (1000, "block"), (400, "block")])
def test_admin_cuts_no_column_of_the_list(admin, service, word, width, display):
    owner = f"{word}-{'u' * 200}"
    create(service, owner, f"{word} {'t' * 99}", is_completed=True)
    search(admin, word)
    admin.set_viewport_size({"width": width, "height": 800})
    expect(admin.locator("#result_list")).to_have_css("display", display)
    expect(column(admin, "updated_at")).to_be_in_viewport()
    assert overflow(admin) == [0, 0]
    column(admin, "owner").get_by_role("link").click()
    admin.locator("#searchbar").fill(owner)
    admin.get_by_role("button", name="Search").click()
    expect(admin.locator(".help").last).to_contain_text(owner)
    assert overflow(admin) == [0, 0]


def test_admin_names_the_columns_of_a_list_of_cards(admin, service, word):
    create(service, "owner", f"Named {word}")
    admin.set_viewport_size({"width": 400, "height": 800})
    search(admin, word)
    names = admin.locator("#result_list tbody tr > *").evaluate_all(
        "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
    )
    assert names == ["none", *(f'"{name}: "' for name in ("ID", "Title", "User ID", "Completed", "Created", "Updated"))]
    expect(admin.locator("thead th:visible .text")).to_have_text(["", "ID"])


def test_admin_says_the_zone_of_times_in_a_form(admin):
    admin.goto("/admin/auth/user/")
    admin.get_by_role("link", name="admin", exact=True).last.click()
    zones = admin.locator(".datetime").evaluate_all("all => all.map(one => getComputedStyle(one, '::after').content)")
    assert zones == ['"UTC"', '"UTC"']


@pytest.mark.parametrize("width", [1000, 400])
def test_admin_cuts_no_long_word_of_a_task(admin, service, word, width):
    create(service, f"{word}-{'u' * 200}", f"{word}{'t' * 300}")
    admin.set_viewport_size({"width": width, "height": 800})
    search(admin, word)
    column(admin, "short_title").get_by_role("link").click()
    admin.get_by_label("Description").fill("d" * 400)
    admin.get_by_role("button", name="Save and continue editing").click()
    shown = admin.url
    for path in (shown, shown.replace("/change/", "/history/"), shown.replace("/change/", "/delete/"), "/admin/"):
        admin.goto(path)
        boxes = "[...document.querySelectorAll('a, .readonly')].filter(box => box.checkVisibility())"
        right = admin.evaluate(f"Math.max(...{boxes}.map(box => box.getBoundingClientRect().right))")
        assert (admin.evaluate("document.documentElement.scrollWidth"), right <= width) == (width, True), path


@pytest.mark.parametrize("path", ["axes/accesslog/", "auth/user/", "auth/group/"])
def test_admin_cuts_nothing_of_other_lists_on_a_phone(admin, path):
    admin.set_viewport_size({"width": 400, "height": 800})
    admin.goto(f"/admin/{path}")
    expect(admin.locator("#changelist")).to_be_visible()
    assert admin.evaluate("document.documentElement.scrollWidth") == 400
    assert admin.evaluate(
        "[...document.querySelectorAll('.results')].every(box => box.scrollWidth === box.clientWidth)"
    )


def test_admin_finds_a_task_by_words_of_its_title(admin, service, word):
    for title in (f"A needle {word}", f"Hay {word}"):
        create(service, "owner", title)
    search(admin, f"{word} needle")
    expect(column(admin, "short_title")).to_have_text([f"A needle {word}"])


@pytest.mark.parametrize("description", [None, "", " two\nlines\n"])
def test_admin_edits_a_title_and_nothing_else(admin, service, word, description):
    owner = quote(f" {word} ")
    task = create(service, owner, f"Before {word}", description=description)
    search(admin, word)
    column(admin, "short_title").get_by_role("link").click()
    admin.get_by_label("Title").fill("After")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.locator(".messagelist .success")).to_contain_text("was changed successfully")
    [edited] = tasks(service, owner)
    assert edited["updated_at"] > task["updated_at"]
    assert edited == task | {"title": "After", "updated_at": edited["updated_at"]}


# What a page may load and run


# A script that an attacker got into a page would try these. The page notes what its policy stops.
ATTEMPTS = """() => new Promise(done => {
    const stopped = [];
    const finish = () => done([stopped.sort(), window.ran === undefined]);
    document.addEventListener("securitypolicyviolation", event => {
        stopped.push([event.effectiveDirective, event.blockedURI]);
        if (stopped.length === 8) finish();
    });
    const add = (tag, members) => document.body.append(Object.assign(document.createElement(tag), members));
    add("script", {textContent: "window.ran = true"});
    add("div", {innerHTML: "<img src='data:,' onerror='window.ran = true'>"});
    add("script", {src: "http://other.test/script.js"});
    add("img", {src: "http://other.test/image.png"});
    add("iframe", {src: "http://other.test/frame"});
    add("object", {data: "http://other.test/object"});
    add("link", {rel: "stylesheet", href: "http://other.test/style.css"});
    fetch("http://other.test/data").catch(() => {});
    setTimeout(finish, 10_000);
})"""
STOPPED = [
    ["connect-src", "http://other.test/data"],
    ["frame-src", "http://other.test"],
    ["img-src", "http://other.test/image.png"],
    ["object-src", "http://other.test"],
    ["script-src-attr", "inline"],
    ["script-src-elem", "http://other.test/script.js"],
    ["script-src-elem", "inline"],
    ["style-src-elem", "http://other.test/style.css"],
]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/admin/login/"])
def test_page_runs_no_inline_script_and_loads_from_no_other_host(browser, service, path):
    with browser.new_context(base_url=service.url) as context:
        page = context.new_page()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(ATTEMPTS) == [STOPPED, True]
