"""Headers, the admin's log-in, and what is told to strangers. docs/security.md names these tests."""

import logging
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.conftest import OWNER
from todo_project.login import one_at_a_time

PASSWORD = "correct horse battery"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ANSWERS = [
    ("GET", f"/api/{OWNER}/tasks", {}),
    ("GET", f"/api/{OWNER}/tasks/x", {}),
    ("DELETE", f"/api/{OWNER}/tasks", {}),
    ("GET", "/nowhere", {}),
    ("GET", "/api/%00/tasks", {}),
    ("GET", "/health", {}),
    ("GET", "/docs", {}),
    ("GET", "/admin/login/", {}),
    ("GET", f"/api/{OWNER}/tasks", {"host": "evil.example"}),
]


@pytest.mark.parametrize(("method", "path", "headers"), ANSWERS)
def test_every_answer_carries_the_security_headers(api, method, path, headers):
    response = api.send(method, path, **headers)

    assert {name: response[name] for name in HEADERS} == HEADERS
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "script-src 'unsafe" not in response["Content-Security-Policy"]


def log_in(client, password, name="admin"):
    return client.post("/admin/login/", {"username": name, "password": password})


@pytest.fixture
def admin(db):
    return get_user_model().objects.create_superuser("admin", password=PASSWORD)


def test_admin_logs_in_with_the_password_alone(client, admin):
    assert log_in(client, "wrong").status_code == 200
    assert log_in(client, PASSWORD).status_code == 302


def test_guessing_closes_the_log_in_even_to_the_right_password(client, admin):
    for _ in range(5):
        log_in(client, "wrong")

    answer = log_in(client, PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert answer.json() == {"detail": "Too many wrong passwords. Try again in 15 minutes."}


def test_one_password_is_checked_at_a_time(client, admin):
    with one_at_a_time:
        answer = log_in(client, PASSWORD)

    assert answer.context["form"].non_field_errors() == ["Another log-in is being checked. Try again in a moment."]
    assert log_in(client, PASSWORD).status_code == 302


def test_what_is_known_of_a_name_goes_with_the_next_log_in_after_its_lock(client, admin):
    for number in range(3):
        log_in(client, "wrong", f"name-{number}")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    log_in(client, "wrong", "another")

    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["another"]


@pytest.mark.parametrize(
    ("following", "leads_to"), [("/admin/tasks/", "/admin/tasks/"), ("https://evil.example/", "/admin/")]
)
def test_log_in_leads_on_within_this_site_alone(client, admin, following, leads_to):
    answer = client.post(f"/admin/login/?next={following}", {"username": "admin", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, leads_to)


def test_log_in_is_sent_back_to_the_path_that_was_asked_for(api):
    response = api.send("GET", "/admin/a%20b/%C3%A9/?q=%2F")

    assert (response.status_code, response["Location"]) == (
        302,
        "/admin/login/?next=/admin/a%2520b/%25C3%25A9/%3Fq%3D%252F",
    )


@pytest.mark.parametrize("name", ["c" * 256, "\ufdfa" * 30])
def test_name_that_is_longer_than_any_is_no_fault(client, admin, name):
    answer = log_in(client, PASSWORD, name)
    assert answer.status_code == 200
    assert "150 characters" in answer.text


def test_wrong_name_and_wrong_password_are_answered_alike(client, admin):
    answers = {log_in(client, "wrong", name).context["form"].errors.as_json() for name in ("admin", "nobody")}

    assert len(answers) == 1


def test_api_sets_no_cookie_and_reads_none(api):
    response = api.send("GET", f"/api/{OWNER}/tasks", cookie="sessionid=x; csrftoken=y")

    assert response.status_code == 200
    assert not response.cookies


def test_neither_titles_nor_descriptions_reach_the_log(api, caplog):
    caplog.set_level(logging.DEBUG)
    task = api.create(title="secret title", description="secret description")
    api.send("PUT", f"/api/{OWNER}/tasks/{task['id']}", {"title": "secret title" * 100})

    assert "secret" not in caplog.text
