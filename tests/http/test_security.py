"""Headers, cookies, the admin's log-in, and what strangers learn. docs/security.md names these tests."""

import socket
import sys
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.db.models import F
from django.utils import timezone
from xxhash import xxh3_128_hexdigest

from tasks.models import Task
from tasks.statements import PAGE_SIZE
from testbed.session import Session, create_admin
from tests.conftest import JSON, OWNER, ApiClient, new_database
from tests.support.client import send_bytes
from tests.support.service import Gunicorn
from todo_project.admin.login import one_at_a_time

PASSWORD = "correct horse battery"
TASKS = f"/api/{OWNER}/tasks"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
OF_EVERY_ANSWER = HEADERS | {"Content-Security-Policy": POLICY, "X-Request-ID": "test"}
OF_TASK_DATA = {"Content-Type": JSON, "Cache-Control": "private, no-cache"}
OF_THE_SERVICE = {"Content-Type": JSON, "Allow": "GET, HEAD"}
HTML = "text/html; charset=utf-8"
OF_A_PAGE = {"Content-Type": HTML, "Allow": "GET, HEAD"}
OF_THE_ADMIN = {
    "Content-Type": HTML,
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Vary": "Cookie",
}


# Headers


def own_headers(response):
    """The headers that not every answer has. Content-Length and Expires are left out: they vary with body and time."""
    headers = dict(response.headers)
    assert headers.pop("Content-Length") == str(len(response.content))
    headers.pop("Expires", None)
    assert {name: headers.pop(name, None) for name in OF_EVERY_ANSWER} == OF_EVERY_ANSWER
    return headers


def tag_of_a_task(response):
    return f'"{response.json()["updated_at"]}"'


def tag_of_a_list(response):
    return f'"{xxh3_128_hexdigest(response.content)}"'


OPERATIONS = [
    ("GET", "", b"", 200, {"ETag": tag_of_a_list}),
    ("GET", "/{id}", b"", 200, {"ETag": tag_of_a_task}),
    ("PUT", "/{id}", {"title": "Changed"}, 200, {}),
    ("PATCH", "/{id}/complete", b"", 200, {"ETag": tag_of_a_task}),
    ("DELETE", "/{id}", b"", 200, {}),
    ("GET", "/none", b"", 404, {}),
    ("PUT", "/none", {}, 404, {}),
    ("PATCH", "/none/complete", b"", 404, {}),
    ("DELETE", "/none", b"", 404, {}),
    ("DELETE", "", b"", 422, {}),
    ("PUT", "", b"", 405, {"Allow": "GET, HEAD, POST, PATCH, DELETE"}),
    ("POST", "", {}, 422, {}),
    ("PUT", "/{id}", {"title": 1}, 422, {}),
]


@pytest.mark.parametrize(("method", "suffix", "body", "status", "own"), OPERATIONS)
def test_answer_about_tasks_carries_these_headers_and_no_other(api, method, suffix, body, status, own):
    path = TASKS + suffix.format(**api.create())

    response = api.send(method, path, body)

    own = {name: value(response) if callable(value) else value for name, value in own.items()}
    assert (response.status_code, own_headers(response)) == (status, OF_TASK_DATA | own)


def test_answer_to_a_create_adds_its_location_and_tag(api):
    response = api.send("POST", TASKS, {"title": "A task"})

    own = {"Location": f"{TASKS}/{response.json()['id']}", "ETag": tag_of_a_task(response)}
    assert (response.status_code, own_headers(response)) == (201, OF_TASK_DATA | own)


def test_body_of_another_type_is_refused_with_the_headers_of_task_data(api):
    response = api.send("POST", TASKS, b"title=A", "text/plain")

    assert (response.status_code, own_headers(response)) == (415, OF_TASK_DATA)


def test_fault_of_ours_carries_the_headers_of_task_data(api, monkeypatch):
    monkeypatch.setattr("tasks.statements.LIST.build", lambda task: 1 / 0)
    monkeypatch.setattr("tasks.statements.LIST.compiled", {})

    response = api.send("GET", TASKS)

    assert (response.status_code, own_headers(response)) == (500, OF_TASK_DATA)


def test_streamed_list_carries_the_same_headers_but_no_length(api):
    Task.objects.bulk_create([Task(user_id=OWNER, title="A task") for _ in range(PAGE_SIZE + 1)])

    response = api.send("GET", TASKS)

    assert response.streaming
    assert dict(response.headers) == OF_EVERY_ANSWER | OF_TASK_DATA


OTHERS = [
    ("GET", "/", {}, 200, OF_THE_SERVICE),
    ("GET", "/health", {}, 200, OF_THE_SERVICE),
    ("GET", "/health/ready", {}, 200, OF_THE_SERVICE),
    ("GET", "/openapi.json", {}, 200, OF_THE_SERVICE),
    ("GET", "/docs", {}, 200, OF_A_PAGE),
    ("GET", "/redoc", {}, 200, OF_A_PAGE),
    ("GET", "/admin/login/", {}, 200, OF_THE_ADMIN),
    ("GET", "/admin/", {}, 302, OF_THE_ADMIN | {"Location": "/admin/login/?next=/admin/"}),
    ("GET", "/nowhere", {}, 404, {"Content-Type": JSON}),
    ("GET", "/api/%00/tasks", {}, 422, OF_TASK_DATA),
    ("POST", "/health", {}, 405, OF_THE_SERVICE),
    ("GET", TASKS, {"host": "evil.example"}, 400, {"Content-Type": JSON}),
    ("GET", TASKS, {"transfer_encoding": "gzip"}, 400, {"Content-Type": JSON}),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "own"), OTHERS)
def test_any_other_answer_carries_these_headers_and_no_other(api, method, path, headers, status, own):
    response = api.send(method, path, **headers)

    assert (response.status_code, own_headers(response)) == (status, own)


def test_body_over_the_limit_is_refused_with_these_headers(api):
    response = api.send("POST", TASKS, b"x" * 131_073)

    assert (response.status_code, own_headers(response)) == (413, {"Content-Type": JSON})


def head_of(answer):
    """The headers of an answer in bytes, without Date."""
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    del headers["Date"]
    return headers


def test_server_adds_no_version_to_an_answer(service):
    sent = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: test\r\nConnection: close\r\n\r\n"
    added = {"Server": "gunicorn", "Connection": "close", "Content-Length": "20"}

    assert head_of(send_bytes(service, sent)) == OF_EVERY_ANSWER | OF_THE_SERVICE | added


@pytest.mark.parametrize("sent", [b"GARBAGE\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_refusal_by_the_server_carries_the_security_headers_too(service, sent):
    headers = head_of(send_bytes(service, sent))

    assert int(headers.pop("Content-Length")) > 0
    policy = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
    assert headers == HEADERS | policy | {"Content-Type": JSON, "Connection": "close"}


# TLS


LOG_IN_PAGE = "GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("tls")
    with new_database(folder) as url, Gunicorn(url, folder / "log", PROXY_SSL_HEADER="X-Forwarded-Proto") as running:
        yield running


@pytest.mark.run_once("sqlite")
def test_over_tls_browsers_are_told_to_keep_to_it(behind_tls):
    headers = head_of(send_bytes(behind_tls, LOG_IN_PAGE.encode()))

    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.run_once("sqlite")
def test_over_tls_every_cookie_is_secure(behind_tls):
    create_admin(behind_tls.environment, "admin", PASSWORD)
    referer = f"https://127.0.0.1:{behind_tls.port}/"
    client = Session(behind_tls.port, {"X-Forwarded-Proto": "https", "Referer": referer})

    assert client.log_in("admin", PASSWORD) == 302
    assert {name: cookie["secure"] for name, cookie in client.cookies.items()} == {"csrftoken": True, "sessionid": True}


@pytest.mark.run_once("sqlite")
def test_header_that_is_not_configured_is_not_believed(service):
    headers = head_of(send_bytes(service, LOG_IN_PAGE.encode()))

    assert "Strict-Transport-Security" not in headers
    assert headers["Set-Cookie"].endswith("; Path=/; SameSite=Lax")


# The admin's log-in


def log_in(client, password, name="admin", **environ):
    return client.post("/admin/login/", {"username": name, "password": password}, **environ)


def guesses(client, times, name="admin", **environ):
    """Sends that many wrong passwords, one after the other, and returns the statuses."""
    return [log_in(client, "wrong", name, **environ).status_code for _ in range(times)]


def age_attempts(**time):
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(**time))


def test_password_is_kept_as_a_slow_hash(db):
    kept = get_user_model().objects.create_superuser("admin", password=PASSWORD).password

    assert identify_hasher(kept).algorithm == "pbkdf2_sha256"
    assert PASSWORD not in kept


@pytest.fixture
def admin(db, settings):
    # The slow hash would take a fifth of a second for each guess below.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return get_user_model().objects.create_superuser("admin", password=PASSWORD)


def test_session_is_a_cookie_that_no_script_reads(client, admin):
    cookie = log_in(client, PASSWORD).cookies["sessionid"]

    attributes = {name: value for name, value in cookie.items() if value and name != "expires"}
    assert attributes == {"httponly": True, "samesite": "Lax", "path": "/", "max-age": 14 * 24 * 3600}


def test_admin_logs_in_with_the_password_alone(client, admin):
    assert log_in(client, "wrong").status_code == 200
    assert log_in(client, PASSWORD).status_code == 302


def test_four_wrong_passwords_leave_the_log_in_open_and_a_right_one_forgets_them(client, admin):
    for _ in range(2):
        assert guesses(client, 4) == [200, 200, 200, 200]
        assert log_in(client, PASSWORD).status_code == 302


def test_fifth_wrong_password_closes_the_log_in_even_to_the_right_one(client, admin):
    assert guesses(client, 5) == [200, 200, 200, 200, 429]

    answer = log_in(client, PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert answer.json() == {"detail": "Too many wrong passwords. Try again in 15 minutes."}


def test_log_in_opens_15_minutes_after_the_last_guess(client, admin):
    guesses(client, 5)
    age_attempts(minutes=14)
    assert guesses(client, 1) == [429]
    age_attempts(minutes=14, seconds=50)
    assert log_in(client, PASSWORD).status_code == 429
    age_attempts(minutes=15, seconds=1)
    assert log_in(client, PASSWORD).status_code == 302


def test_log_in_is_closed_to_one_name_at_one_address(client, admin):
    get_user_model().objects.create_superuser("other", password=PASSWORD)
    guesses(client, 5)

    assert log_in(client, PASSWORD, "other").status_code == 302
    assert log_in(client, PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 302


# A Unix socket gives a client no address, or the name that the client chose for its own end.
@pytest.mark.parametrize("addresses", [[""] * 6, [f"/run/mine/{number}" for number in range(6)], ["localhost"] * 6])
def test_clients_without_an_address_count_as_one(client, admin, addresses):
    statuses = [log_in(client, "wrong", REMOTE_ADDR=address).status_code for address in addresses]

    assert statuses == [200, 200, 200, 200, 429, 429]
    assert log_in(client, PASSWORD, REMOTE_ADDR="").status_code == 429
    assert log_in(client, PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_client_without_an_address_logs_in(client, admin):
    assert log_in(client, PASSWORD, REMOTE_ADDR="").status_code == 302


def test_addresses_of_one_ipv6_network_count_as_one_client(client, admin):
    statuses = [log_in(client, "wrong", REMOTE_ADDR=f"2001:db8::{number}:1").status_code for number in range(5)]

    assert statuses == [200, 200, 200, 200, 429]
    assert log_in(client, PASSWORD, REMOTE_ADDR="2001:db8:0:1::1").status_code == 302


@pytest.mark.parametrize(
    ("address", "same"), [("::ffff:203.0.113.9", "203.0.113.9"), ("fe80::1%eth0", "fe80::1%wlan0"), ("::1", "::1")]
)
def test_client_has_one_address_however_it_is_written(client, admin, address, same):
    assert guesses(client, 5, REMOTE_ADDR=address) == [200, 200, 200, 200, 429]
    assert log_in(client, PASSWORD, REMOTE_ADDR=same).status_code == 429


def test_clients_of_ipv4_at_a_socket_for_both_kinds_count_one_by_one(client, admin):
    guesses(client, 5, REMOTE_ADDR="::ffff:203.0.113.9")

    assert log_in(client, PASSWORD, REMOTE_ADDR="::ffff:203.0.113.10").status_code == 302


def test_address_that_a_client_claims_counts_for_nothing(client, admin):
    statuses = [log_in(client, "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").status_code for number in range(5)]

    assert statuses == [200, 200, 200, 200, 429]


def test_one_password_is_checked_at_a_time(client, admin):
    with one_at_a_time:
        answer = log_in(client, PASSWORD)

    assert answer.context["form"].non_field_errors() == ["Another log-in is being checked. Try again in a moment."]
    assert log_in(client, PASSWORD).status_code == 302


def test_names_of_old_guesses_go_with_the_next_log_in(client, admin):
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
def test_name_longer_than_any_is_an_error_of_the_form(client, admin, name):
    answer = log_in(client, PASSWORD, name)
    assert answer.status_code == 200
    assert "150 characters" in answer.text


def test_wrong_name_and_wrong_password_are_answered_alike(client, admin):
    answers = {log_in(client, "wrong", name).context["form"].errors.as_json() for name in ("admin", "nobody")}

    assert len(answers) == 1


# Who may use the admin


ADMIN_PAGES = ["/admin/", "/admin/tasks/task/", "/admin/tasks/task/add/", "/admin/auth/user/", "/admin/nowhere/"]


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_page_of_the_admin_leads_a_stranger_to_the_log_in(client, db, path):
    for answer in (client.get(path), client.post(path, {"user_id": OWNER, "title": "Forged"})):
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={path}")
    assert Task.objects.count() == 0


@pytest.mark.parametrize(("is_staff", "statuses"), [(False, [302, 302]), (True, [200, 403])])
def test_user_without_permissions_sees_no_task(client, django_user_model, is_staff, statuses):
    user = django_user_model.objects.create_user("someone", is_staff=is_staff)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    assert [client.get(path).status_code for path in ("/admin/", "/admin/tasks/task/")] == statuses


# What the service takes from requests, and where it goes


def test_api_sets_no_cookie_and_reads_none(api):
    response = api.send("GET", TASKS, cookie="sessionid=x; csrftoken=y")

    assert response.status_code == 200
    assert not response.cookies


@pytest.fixture(scope="module")
def connections():
    """Each connection and name look-up of Python's sockets. The database drivers are not seen: they connect in C."""
    made = []
    events = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
    # Python cannot remove an audit hook, so it goes on noting after the last test that reads the list.
    sys.addaudithook(lambda event, args: made.append(event) if event in events else None)
    return made


def test_service_connects_to_nothing_but_its_database(client, admin, connections):
    connections.clear()
    api, url = ApiClient(), "http://evil.example/task"
    task = api.create(title=url, description=url, callback=url)
    api.send("PUT", f"{TASKS}/{task['id']}", {"title": url}, referer=url, origin=url)
    api.send("PATCH", f"{TASKS}/{task['id']}/complete")
    api.send("DELETE", f"{TASKS}/{task['id']}")
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/health/ready", url):
        api.send("GET", path)
    log_in(client, PASSWORD)
    client.get("/admin/tasks/task/", {"q": url})
    assert connections == []

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 1), timeout=1)
    assert connections == ["socket.getaddrinfo", "socket.connect"]
