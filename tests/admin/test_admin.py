import json
import re
import uuid
from contextlib import contextmanager
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tasks.admin import paginator, search
from tasks.bulk.loading import insert
from tasks.models import Task
from tests.conftest import OWNER, STRANGER
from tests.support.commands import row, rows

LIST = "/admin/tasks/task/"
ADD = "/admin/tasks/task/add/"
IS_POSTGRESQL = connection.vendor == "postgresql"


def page_of(number):
    return f"{LIST}{uuid.UUID(int=number)}/change/"


def stored(number=1):
    return Task.objects.filter(id=uuid.UUID(int=number)).values().get()


def titles(response):
    assert response.status_code == 200
    return [task.title for task in response.context["cl"].result_list]


def listed(client, **parameters):
    return titles(client.get(LIST, parameters))


def notes(response):
    return list(response.context["cl"].listing.notes)


def said(response):
    return [str(message) for message in response.context["messages"]]


def fields(response):
    """What a browser would submit if nobody changed the form."""
    form = response.context["adminform"].form
    data = {}
    for bound in form:
        data[bound.html_name] = bound.value()
        if bound.field.show_hidden_initial:
            data[bound.html_initial_name] = bound.value()
    return {name: value for name, value in data.items() if value not in (None, False)}


def edit(client, number=1, **changes):
    """Opens the page of a task, changes some fields and saves."""
    data = {**fields(client.get(page_of(number))), **changes}
    return client.post(page_of(number), {name: value for name, value in data.items() if value is not None}, follow=True)


def errors(response):
    return {name: list(problems) for name, problems in response.context["adminform"].form.errors.items()}


def act(client, action, *numbers, address=LIST, **more):
    data = {
        "action": action,
        "index": "0",
        "select_across": "0",
        "_selected_action": [uuid.UUID(int=n) for n in numbers],
    }
    return client.post(address, data | more, follow=True)


def act_on_all(client, action, address=LIST, **more):
    seal = re.search('name="seal" value="([0-9a-f]*)"', client.get(address).content.decode())[1]
    number = Task.objects.latest("id").id.int
    return act(client, action, number, address=address, **{"select_across": "1", "seal": seal} | more)


@pytest.fixture
def admin_user(db, django_user_model):
    # It has no password: the hash of one would take longer than the rest of a test.
    return django_user_model.objects.create_superuser("admin")


@pytest.fixture
def pages_of_two(monkeypatch):
    monkeypatch.setattr("tasks.admin.tasks.TaskAdmin.list_per_page", 2)


# The list


def test_list_shows_the_newest_first(admin_client):
    insert([row(1), row(3), row(2, user_id=STRANGER)])
    assert listed(admin_client) == ["Task 3", "Task 2", "Task 1"]


def test_list_writes_times_shortly_and_in_which_zone(admin_client):
    insert([row(1)])
    page = admin_client.get(LIST).content.decode()
    assert page.count(">2026-01-01 00:01 UTC<") == 2


@pytest.mark.parametrize("count", [1, 3])
def test_list_sends_as_many_statements_whatever_it_shows(admin_client, count):
    insert([row(number) for number in range(1, count + 1)])
    with CaptureQueriesContext(
        connection,
    ) as sent:
        admin_client.get(LIST)
    assert len([query for query in sent if "tasks_task" in query["sql"]]) == 2


def test_count_ends_at_its_limit(admin_client, monkeypatch):
    monkeypatch.setattr(paginator, "COUNT_LIMIT", 3)
    insert([row(number) for number in range(1, 4)])
    assert "\n3 tasks\n" in admin_client.get(LIST).content.decode()
    insert([row(4), row(5)])
    with CaptureQueriesContext(connection) as sent:
        assert "\n3+ tasks\n" in admin_client.get(LIST).content.decode()
    counts = [query["sql"] for query in sent if "COUNT" in query["sql"] and "tasks_task" in query["sql"]]
    assert [re.search(r"LIMIT \d+", sql)[0] for sql in counts] == ["LIMIT 4"]


def test_large_limit_reads_well():
    assert f"{paginator.AtLeast(10_000)}" == "10,000+"


def test_page_behind_the_last_leads_to_the_first(admin_client):
    insert([row()])
    response = admin_client.get(LIST, {"p": "2"})
    assert listed(admin_client, p="1") == ["Task 1"]
    assert response.status_code == 200 or response.url == f"{LIST}?e=1"


@pytest.mark.parametrize("order", ["2", "-2", "3", "5", "-6", "6.2", "x", "99"])
def test_order_without_an_index_is_not_taken(admin_client, order):
    insert([row(1, title="b"), row(2, title="a", updated_at=row(9)["updated_at"]), row(3, title="c", user_id="a")])
    assert listed(admin_client, o=order) == ["c", "a", "b"]


def test_list_may_start_with_the_oldest(admin_client):
    insert([row(1), row(2)])
    assert listed(admin_client, o="1") == ["Task 1", "Task 2"]


def test_header_says_that_the_ids_give_the_order(admin_client):
    insert([row(1, created_at=row(9)["created_at"], updated_at=row(9)["updated_at"]), row(2)])
    page = admin_client.get(LIST).content.decode()
    assert re.findall(r'<th scope="col" class="([\w -]*sorted[\w -]*)">', page) == [
        "sortable column-short_id sorted descending"
    ]
    assert re.findall(r'<span title="([\w-]+)">', page) == [str(uuid.UUID(int=number)) for number in (2, 1)]


@pytest.mark.parametrize("path", ["/admin/", LIST, ADD])
def test_view_site_leads_to_the_documentation(admin_client, path):
    assert '<a href="/docs">View site</a>' in admin_client.get(path).content.decode()


def test_section_of_the_log_in_limit_says_what_it_holds(admin_client):
    apps = admin_client.get("/admin/").context["app_list"]
    assert [app["name"] for app in apps] == ["Authentication and Authorization", "Log-ins to the admin", "Tasks"]


def test_state_is_a_filter(admin_client):
    insert([row(1, is_completed=True), row(2)])
    assert listed(admin_client, is_completed__exact="1") == ["Task 1"]
    assert listed(admin_client, is_completed__exact="0") == ["Task 2"]


def test_filter_by_state_looks_through_the_newest(admin_client, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    insert([row(number, is_completed=True) for number in (1, 2, 3)])
    response = admin_client.get(LIST, {"is_completed__exact": "1"})
    assert titles(response) == ["Task 3", "Task 2"]
    assert notes(response) == ["Only the newest 2 tasks were looked through."]
    assert notes(response)[0] in response.content.decode()


def test_filter_by_state_is_whole_where_all_were_looked_through(admin_client, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    insert([row(1, is_completed=True), row(2), row(3, user_id=STRANGER)])
    response = admin_client.get(LIST, {"is_completed__exact": "1", "user_id": OWNER})
    assert (titles(response), notes(response)) == (["Task 1"], [])


@pytest.mark.parametrize(
    "lookup", ["description__contains", "title__icontains", "created_at__gte", "is_completed__isnull"]
)
def test_address_filters_by_nothing_else(admin_client, lookup):
    refused = admin_client.get(LIST, {lookup: "1"})
    assert (refused.status_code, refused.json()) == (400, {"detail": "Bad request"})


@pytest.mark.parametrize("user_id", ["a\0", "", "a/b"])
def test_filter_by_no_user_id_leads_to_the_list(admin_client, user_id):
    assert admin_client.get(LIST, {"user_id": user_id}).url == f"{LIST}?e=1"


@pytest.mark.parametrize("user_id", ["a&b=c #?é", "<b>", '"'])
def test_task_links_to_its_owners_tasks(admin_client, user_id):
    insert([row(1, user_id=user_id), row(2, user_id=STRANGER)])
    for address in (LIST, page_of(1)):
        links = re.findall(r'href="([^"]+)" title="All tasks of this user"', admin_client.get(address).content.decode())
        assert titles(admin_client.get(unescape(links[-1]))) == ["Task 1"]


def test_service_has_its_name(admin_client):
    assert "<title>Select task to change | Backend Task Service</title>" in admin_client.get(LIST).content.decode()


# The search


def found(client, text, **parameters):
    return listed(client, q=text, **parameters)


@pytest.mark.parametrize("text", [str(uuid.UUID(int=1)), uuid.UUID(int=1).hex.upper(), f" {uuid.UUID(int=1)} "])
def test_id_finds_its_task(admin_client, text):
    insert([row(1), row(2)])
    assert found(admin_client, text) == ["Task 1"]


def test_user_id_finds_its_tasks_and_no_others(admin_client):
    insert([row(1), row(2, user_id=f"{OWNER}2"), row(3, title=f"for {OWNER}", user_id=STRANGER)])
    response = admin_client.get(LIST, {"q": OWNER})
    assert titles(response) == ["Task 1"]
    assert notes(response) == ["These are the tasks of the user “owner”. To find words of titles, put them in quotes."]
    assert found(admin_client, f'"{OWNER}"') == [f"for {OWNER}"]


def test_user_id_that_is_a_uuid_finds_its_tasks(admin_client):
    insert([row(1, user_id=str(uuid.UUID(int=77)))])
    assert found(admin_client, str(uuid.UUID(int=77))) == ["Task 1"]


def test_user_id_is_case_sensitive(admin_client):
    insert([row(1)])
    assert found(admin_client, OWNER.upper()) == []


@pytest.mark.parametrize("text", ["milk", "MILK bu", "buy  milk", '"y mil"', "100%", "_", "\\", "milk buy"])
def test_words_find_titles_that_have_them_all(admin_client, text):
    insert([row(1, title="Buy milk_ \\ 100%"), row(2, title="Buy bread"), row(3, title="Sell 100 pins")])
    assert found(admin_client, text) == ["Buy milk_ \\ 100%"]


def test_words_go_with_the_filters(admin_client):
    insert([row(1), row(2, is_completed=True), row(3, is_completed=True, user_id=STRANGER)])
    assert found(admin_client, "task", is_completed__exact="1", user_id=OWNER) == ["Task 2"]


def test_nothing_found_is_an_empty_page(admin_client):
    insert([row()])
    assert found(admin_client, "nothing") == []


@pytest.mark.parametrize("text", [" ", '"', '""', "'"])
def test_text_without_words_is_no_fault(admin_client, text):
    insert([row()])
    assert admin_client.get(LIST, {"q": text}).status_code == 200


def test_null_character_is_refused(admin_client):
    insert([row()])
    assert said(admin_client.get(LIST, {"q": "a\0"})) == ["Null characters are not allowed."]


def test_more_matches_than_the_limit_are_the_newest(admin_client, monkeypatch):
    monkeypatch.setattr(search, "MATCHES_LIMIT", 2)
    insert([row(number) for number in (1, 2, 3)])
    with CaptureQueriesContext(connection) as sent:
        response = admin_client.get(LIST, {"q": "task"})
    assert [sql for query in sent if "LIKE" in (sql := query["sql"]) and "LIMIT 3" not in sql] == []
    assert titles(response) == ["Task 3", "Task 2"]
    assert notes(response) == ["There are more: these are the newest 2 matches. More words find fewer."]


@contextmanager
def slow_words():
    """Makes a search for words take 60 s, unless it is limited to the newest tasks."""

    def execute(execute, sql, params, many, context):
        if "UPPER" in sql and '"tasks_task"."id" >=' not in sql:
            return execute("SELECT pg_sleep(60)", None, many, context)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no time limit: there it is always so")
def test_words_that_take_too_long_are_looked_for_in_the_newest(admin_client, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    insert([row(number) for number in (1, 2, 3)])
    with slow_words():
        response = admin_client.get(LIST, {"q": "task"})
    assert titles(response) == ["Task 3", "Task 2"]
    assert notes(response) == ["Only the newest 2 tasks were looked through."]


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no time limit")
def test_time_limit_ends_with_the_search(admin_client):
    with connection.cursor() as cursor:
        before = cursor.execute("SHOW statement_timeout").fetchall()
        admin_client.get(LIST, {"q": "task"})
        assert cursor.execute("SHOW statement_timeout").fetchall() == before


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no such index")
@pytest.mark.parametrize(
    ("text", "may_go_through_it"), [("zq", False), ("a-b 42", False), ("zq milk", True), ("007", True)]
)
def test_words_without_a_trigram_do_not_go_through_its_index(admin_client, text, may_go_through_it):
    allowed = []

    def note(execute, sql, params, many, context):
        if "UPPER" in sql:
            with connection.connection.cursor() as cursor:
                allowed.append(cursor.execute("SHOW enable_bitmapscan").fetchone()[0] == "on")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        admin_client.get(LIST, {"q": text})
    assert allowed == [may_go_through_it]


@pytest.mark.skipif(IS_POSTGRESQL, reason="PostgreSQL has an index for it")
def test_without_an_index_words_are_looked_for_in_the_newest(admin_client, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    insert([row(number) for number in (1, 2, 3)])
    response = admin_client.get(LIST, {"q": "task"})
    assert titles(response) == ["Task 3", "Task 2"]
    assert notes(response) == ["Only the newest 2 tasks were looked through."]


@pytest.mark.one_server
@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no such index")
def test_words_go_through_the_trigram_index(db):
    insert([row(number) for number in range(1, 1001)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = search.newest_ids(Task.objects.filter(title__icontains="task 77")).explain()
    assert "tasks_task_title_trigram" in plan


# A task's page


def test_added_task_is_as_the_api_would_make_it(admin_client):
    response = admin_client.post(ADD, {"user_id": " Ä", "title": "  Buy milk ", "description": " a\r\n\r\nb\n "})
    assert response.url == LIST
    [task] = rows()
    assert task["created_at"] == task["updated_at"] or task["updated_at"] > task["created_at"]
    assert (task["user_id"], task["title"], task["description"], task["is_completed"]) == (
        " Ä",
        "Buy milk",
        " a\n\nb\n ",
        False,
    )


def test_empty_description_of_a_new_task_is_null(admin_client):
    admin_client.post(ADD, {"user_id": OWNER, "title": "A task", "description": "", "is_completed": "on"})
    assert [(task["description"], task["is_completed"]) for task in rows()] == [(None, True)]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("title", " \u3000\n", "This field is required."),
        ("title", "x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
        ("title", "a\0b", "Null characters are not allowed."),
        ("description", "x" * 5001, "Ensure this value has at most 5000 characters (it has 5001)."),
        ("description", "\0", "Null characters are not allowed."),
        ("user_id", "", "This field is required."),
        ("user_id", "a/b", "A user id may hold neither control characters nor a slash."),
        ("user_id", "a\nb", "A user id may hold neither control characters nor a slash."),
        ("user_id", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
    ],
)
def test_what_the_api_refuses_is_refused(admin_client, field, value, problem):
    response = admin_client.post(ADD, {"user_id": OWNER, "title": "A task", "description": "", field: value})
    assert errors(response) == {field: [problem]}
    assert rows() == []


def test_lengths_count_code_points(admin_client):
    members = {"user_id": "😀" * 255, "title": "😀" * 500, "description": "😀\r\n" * 2500}
    assert admin_client.post(ADD, members).url == LIST
    assert edit(admin_client, Task.objects.get().id.int, title="é" * 500).status_code == 200
    assert [(task["title"], len(task["description"])) for task in rows()] == [("é" * 500, 5000)]


def test_longest_task_fits_into_a_body(admin_client):
    insert([row(1, title="😀" * 500, description="😀" * 5000)])
    page = admin_client.get(page_of(1))
    assert 'enctype="multipart/form-data"' in page.content.decode()
    assert "maxlength" not in page.content.decode()


def test_constraint_of_the_database_is_an_error_of_the_form(admin_client):
    insert([row(1, description="\r\n" + "x" * 4998)])
    response = edit(admin_client, description="\n" + "y" * 4999)
    assert errors(response) == {"__all__": ["Constraint “task_description_length” is violated."]}


@pytest.mark.parametrize("description", [None, "", " ", "a\nb", "a\r\nb", "a\rb", "\n\n", "\r\n a"])
def test_untouched_page_changes_nothing(admin_client, description):
    insert([row(1, title="a\r\nb", description=description)])
    before = stored()
    assert edit(admin_client).status_code == 200
    assert stored() == before


def test_only_what_was_changed_is_written(admin_client):
    insert([row(1, description="before")])
    page = fields(admin_client.get(page_of(1)))
    Task.objects.for_user(OWNER).update_returning(uuid.UUID(int=1), description="by the API", is_completed=True)
    before = stored()
    admin_client.post(page_of(1), page | {"title": "by the admin"})
    after = stored()
    assert after == before | {"title": "by the admin", "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [(None, "a\r\nb", "a\nb"), ("a\r\nb", "a\r\nc", "a\r\nc"), ("text", "", None), ("a\nb", " a\r\nb ", " a\nb ")],
)
def test_description_keeps_its_kind_of_line_ends(admin_client, before, typed, after):
    insert([row(1, description=before)])
    edit(admin_client, description=typed)
    assert stored()["description"] == after


def test_title_with_a_line_break_is_shown_with_it(admin_client):
    insert([row(1, title="a\nb"), row(2)])
    assert '<textarea name="title"' in admin_client.get(page_of(1)).content.decode()
    assert '<textarea name="title"' not in admin_client.get(page_of(2)).content.decode()


def test_what_names_no_task_is_refused(admin_client):
    insert([row(1)])
    page = admin_client.post(
        LIST, {"action": "mark_completed", "index": "0", "select_across": "0", "_selected_action": "no id"}, follow=True
    )
    assert "Nothing was done" in page.content.decode()
    assert rows() == [row(1)]


def test_state_can_be_taken_back(admin_client):
    insert([row(1, is_completed=True)])
    edit(admin_client, is_completed=None)
    assert stored()["is_completed"] is False


def test_id_owner_and_times_are_read_only(admin_client):
    insert([row()])
    edit(admin_client, id=str(uuid.UUID(int=5)), user_id=STRANGER, created_at="2020-01-01", updated_at="2020-01-01")
    assert rows() == [row()]


def test_change_stands_in_the_history(admin_client):
    insert([row()])
    edit(admin_client, title="Other")
    [entry] = LogEntry.objects.all()
    assert (entry.object_id, entry.object_repr, str(entry.get_change_message())) == (
        str(uuid.UUID(int=1)),
        "Other",
        "Changed Title.",
    )
    assert "Changed Title." in admin_client.get(f"{LIST}{uuid.UUID(int=1)}/history/").content.decode()


def test_task_deleted_before_it_is_saved_ends_in_a_message(admin_client):
    insert([row()])
    page = fields(admin_client.get(page_of(1)))
    Task.objects.all().delete()
    response = admin_client.post(page_of(1), page | {"title": "Other"}, follow=True)
    assert said(response) == [f"task with ID “{uuid.UUID(int=1)}” doesn’t exist. Perhaps it was deleted?"]
    assert rows() == []


def test_task_deleted_while_it_is_saved_ends_in_a_message(admin_client):
    insert([row()])
    page = fields(admin_client.get(page_of(1)))

    def delete_first(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            execute("DELETE FROM tasks_task", None, False, context)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        response = admin_client.post(page_of(1), page | {"title": "Other"}, follow=True)
    assert said(response) == ["This task was deleted meanwhile: nothing was saved."]
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("task_id", [uuid.UUID(int=1), "none"])
def test_no_such_task_ends_in_a_message(admin_client, task_id):
    response = admin_client.get(f"{LIST}{task_id}/change/", follow=True)
    assert said(response) == [f"task with ID “{task_id}” doesn’t exist. Perhaps it was deleted?"]


# Actions


@pytest.mark.parametrize(("action", "state"), [("mark_completed", True), ("mark_open", False)])
def test_mark_changes_those_that_were_not_so(admin_client, action, state):
    insert([row(1, is_completed=not state), row(2, is_completed=state), row(3, is_completed=not state)])
    before = {number: stored(number) for number in (1, 2, 3)}
    response = act(admin_client, action, 1, 2)
    assert said(response) == [f"1 task marked {'completed' if state else 'open'}."]
    after = stored(1)
    assert after == before[1] | {"is_completed": state, "updated_at": after["updated_at"]}
    assert after["updated_at"] > before[1]["updated_at"]
    assert (stored(2), stored(3)) == (before[2], before[3])
    [entry] = LogEntry.objects.all()
    assert (entry.object_id, str(entry.get_change_message())) == (str(uuid.UUID(int=1)), "Changed Completed.")


def test_mark_moves_updated_at_where_the_clock_is_behind_it(admin_client):
    ahead = timezone.now() + timedelta(days=1)
    insert([row(1, updated_at=ahead)])
    act(admin_client, "mark_completed", 1)
    assert rows() == [row(1, is_completed=True, updated_at=ahead + timedelta(microseconds=1))]


def exported(response):
    return b"".join(response.streaming_content)


def test_export_has_the_lines_of_the_api(admin_client, client):
    insert([row(1, description="é"), row(2), row(3)])
    response = act(admin_client, "export_jsonl", 1, 3)
    assert response.headers["Content-Disposition"] == 'attachment; filename="tasks.jsonl"'
    wanted = client.get(f"/api/{OWNER}/tasks").json()
    assert [json.loads(line) for line in exported(response).splitlines()] == [wanted[0], wanted[2]]


def test_export_as_csv_executes_nothing(admin_client):
    insert([row(1, title="=1+1")])
    response = act(admin_client, "export_csv", 1)
    assert response.headers["Content-Disposition"] == 'attachment; filename="tasks.csv"'
    assert b",'=1+1," in exported(response)


def test_delete_asks_with_a_count(admin_client):
    insert([row(number) for number in (1, 2, 3)])
    response = act(admin_client, "delete_selected", 1, 2)
    assert "This deletes 2 tasks for good" in response.content.decode()
    assert "Task 1" not in response.content.decode()
    assert len(rows()) == 3


def test_delete_that_was_confirmed_deletes_and_is_recorded(admin_client):
    insert([row(number) for number in (1, 2, 3)])
    response = act(admin_client, "delete_selected", 1, 2, post="yes")
    assert said(response) == ["2 tasks deleted."]
    assert [task["title"] for task in rows()] == ["Task 3"]
    assert sorted(LogEntry.objects.values_list("object_repr", "action_flag")) == [("Task 1", 3), ("Task 2", 3)]


def test_confirmation_carries_what_was_selected(admin_client, pages_of_two):
    insert([row(number) for number in (1, 2, 3)])
    page = act_on_all(admin_client, "delete_selected").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert said(admin_client.post(LIST, hidden, follow=True)) == ["3 tasks deleted."]
    assert rows() == []


def test_task_that_left_the_filter_is_acted_on(admin_client):
    insert([row(1, is_completed=True)])
    act(admin_client, "delete_selected", 1, post="yes", address=f"{LIST}?is_completed__exact=0")
    assert rows() == []


def test_all_that_the_page_counted_are_marked(admin_client, pages_of_two):
    insert([*(row(number) for number in (1, 2, 3)), row(4, user_id=STRANGER)])
    assert "Select all 4 tasks" in admin_client.get(LIST).content.decode()
    response = act_on_all(admin_client, "mark_completed", f"{LIST}?user_id={OWNER}")
    assert said(response) == ["3 tasks marked completed."]
    assert [task["is_completed"] for task in rows()] == [True, True, True, False]


@pytest.mark.parametrize("across", ["1", "on", "yes"])
def test_all_of_a_count_that_ended_at_its_limit_are_refused(admin_client, pages_of_two, monkeypatch, across):
    monkeypatch.setattr(paginator, "COUNT_LIMIT", 3)
    insert([row(number) for number in (1, 2, 3, 4)])
    before = rows()
    response = act_on_all(admin_client, "delete_selected", select_across=across, post="yes")
    assert said(response) == [
        "Nothing was done: this list is incomplete. On the command line, use purge_tasks, or erase_user for everything "
        "of one user (python3 run.py manage)."
    ]
    assert rows() == before
    assert "across all pages" not in admin_client.get(LIST).content.decode()


def test_all_of_a_bounded_search_are_refused(admin_client, pages_of_two, monkeypatch):
    monkeypatch.setattr(search, "MATCHES_LIMIT", 3)
    insert([row(number) for number in (1, 2, 3, 4)])
    before = rows()
    response = act_on_all(admin_client, "mark_completed", f"{LIST}?q=task")
    assert said(response) == [
        "Nothing was done: this list is incomplete. On the command line, use export_tasks --open, and import_tasks "
        "--on-conflict update with the changed file (python3 run.py manage)."
    ]
    assert rows() == before


def test_task_that_came_after_the_count_is_not_acted_on(admin_client, pages_of_two):
    insert([row(number) for number in (1, 2, 3)])
    seal = admin_client.get(LIST).context["cl"].seal
    Task.objects.filter(id=uuid.UUID(int=1)).delete()
    insert([row(4)])
    response = act(admin_client, "delete_selected", 2, select_across="1", seal=seal, post="yes")
    assert said(response) == [
        "Nothing was done: the tasks of this list have changed since the page was shown. Please look again."
    ]
    assert len(rows()) == 3


def test_staff_who_may_only_look_change_nothing(client, django_user_model):
    from django.contrib.auth.models import Permission

    insert([row()])
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_task"))
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    assert sorted(name for name, _ in client.get(LIST).context["action_form"].fields["action"].choices) == [
        "",
        "export_csv",
        "export_jsonl",
    ]
    act(client, "mark_completed", 1)
    act(client, "delete_selected", 1, post="yes")
    refused = client.post(page_of(1), {"title": "Other"})
    assert (refused.status_code, refused.json()) == (403, {"detail": "Permission denied"})
    assert rows() == [row()]
