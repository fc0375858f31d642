"""The code of docs/clients.md in real pages of Chromium, on another origin than the service."""

import functools
import http.server
import json
import shutil
import threading

import pytest

from tests.clients.programs import HERE
from tests.clients.walked import PARTS, tag
from tests.conftest import new_database
from tests.support.chromium import chromium
from tests.support.client import create, tasks
from tests.support.service import Gunicorn

pytestmark = pytest.mark.run_once("sqlite")


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def origin(typescript_project):
    """A web server of the compiled code."""
    shutil.copy(HERE / "page.html", typescript_project)
    handler = functools.partial(Files, directory=typescript_project)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def api(origin, tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("tabs")
    with new_database(folder) as url, Gunicorn(url, folder / "log", CORS_ALLOWED_ORIGINS=origin) as running:
        yield running


@pytest.fixture(scope="module")
def browser(api):
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_tab(browser, api, origin):
    """Opens a page. `process` is what a bundler puts in place of it, and what walk_page.ts reads."""
    with browser.new_context() as context:

        def open_tab(*arguments):
            process = {"env": {"NEXT_PUBLIC_TASKS_URL": api.url}, "argv": ["", "", *arguments]}
            tab = context.new_page()
            tab.add_init_script(f"window.process = {json.dumps(process)}")
            tab.goto(f"{origin}/page.html")
            return tab

        yield open_tab


@pytest.fixture
def user_id():
    return "tabs"


@pytest.mark.parametrize("part", PARTS)
def test_code_of_the_page_does_the_same_in_a_browser(open_tab, part):
    tab = open_tab(part, f"browser {part}")
    with tab.expect_console_message(lambda message: message.type == "log") as printed:
        tab.evaluate("import('/built/walk_page.js')")
    assert json.loads(printed.value.text) == PARTS[part]


# Two tabs

LOAD = """async task => {
    window.tasks = await import("/built/tasks.js");
    window.task = await tasks.getTask(task);
}"""
SAVE = """async changes => {
    const shown = [];
    const isSaved = await tasks.save(task, changes, task => shown.push(task));
    return [isSaved, shown.at(-1)];
}"""


@pytest.fixture
def two_tabs(api, open_tab, user_id):
    """Two tabs that show the same task."""
    task = create(api, user_id, "Of both tabs")
    tabs = [open_tab(), open_tab()]
    for tab in tabs:
        tab.evaluate(LOAD, task)
    return tabs


def test_second_tab_is_told_of_the_first_and_overwrites_nothing(api, two_tabs, user_id):
    first, second = two_tabs
    is_saved, task = first.evaluate(SAVE, {"title": "Of the first"})
    assert (is_saved, task["title"]) == (True, "Of the first")
    assert second.evaluate(SAVE, {"title": "Of the second"}) == [False, task]
    assert tasks(api, user_id)[-1] == task


def test_changes_of_two_tabs_to_different_members_are_both_kept(api, two_tabs, user_id):
    first, second = two_tabs
    _, changed = first.evaluate(SAVE, {"title": "Of the first"})
    is_saved, task = second.evaluate(SAVE, {"description": "Of the second"})
    assert is_saved
    assert task == changed | {"description": "Of the second", "updated_at": task["updated_at"]}
    assert tasks(api, user_id)[-1] == task


# What a page may send and read

FETCH = """async ([url, method, body, headers]) => {
    const type = body === null ? {} : {"Content-Type": "application/json"};
    const answer = await fetch(url, {method, body, headers: {...type, ...headers}});
    const text = await answer.text();
    return [answer.status, text && JSON.parse(text), Object.fromEntries(answer.headers)];
}"""
READ = ("etag", "link", "idempotency-replayed", "location")


@pytest.fixture
def call(api, open_tab):
    """Calls from a page. Gives the status, the body, and those of the new headers that the page may read."""
    tab = open_tab()

    def call(method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        status, answer, seen = tab.evaluate(FETCH, [f"{api.url}{path}", method, body, headers])
        return status, answer, {name: seen[name] for name in READ if name in seen}

    return call


def test_page_may_use_a_key_and_read_that_it_was_used(call):
    first = call("POST", "/api/keys/tasks", '{"title": "Once"}', Idempotency_Key="key")
    location = {"location": f"/api/keys/tasks/{first[1]['id']}"}
    assert first == (201, first[1], tag(first[1]) | location)
    replayed = {"idempotency-replayed": "true"}
    assert call("POST", "/api/keys/tasks", '{"title": "Once"}', Idempotency_Key="key") == (
        201,
        first[1],
        tag(first[1]) | location | replayed,
    )


def test_page_may_name_what_it_has_and_read_the_tag(api, call):
    task = create(api, "readers", "Read twice")
    path = f"/api/readers/tasks/{task['id']}"
    assert call("GET", path) == (200, task, tag(task))
    assert call("GET", path, If_None_Match=tag(task)["etag"]) == (304, "", tag(task))


def test_page_reads_the_link_to_the_next_page(api, call):
    for title in ("One", "Two"):
        create(api, "pages", title)
    status, [task], headers = call("GET", "/api/pages/tasks?limit=1")
    assert (status, task["title"], headers["link"].endswith('; rel="next"')) == (200, "One", True)


@pytest.mark.parametrize(
    ("method", "path", "body"), [("PUT", "", '{"title": "A"}'), ("PATCH", "/complete", None), ("DELETE", "", None)]
)
def test_page_may_write_under_a_condition(api, call, method, path, body):
    task = create(api, "writers", "Kept")
    path = f"/api/writers/tasks/{task['id']}{path}"
    assert call(method, path, body, If_Match='"older"') == (412, {"detail": "The task has changed"}, tag(task))
    assert call(method, path, body, If_Match=tag(task)["etag"])[0] == 200
