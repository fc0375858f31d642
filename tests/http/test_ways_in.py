"""The promises of docs/security.md hold on each way in: whatever the socket, the version of HTTP and the worker."""

import subprocess
import sys

import pytest

from tests.conftest import METRICS_TOKEN, new_database
from tests.http.test_security import HEADERS, head_of
from tests.support.client import parsed
from tests.support.service import ROOT
from tests.support.ways import Activated, ActivatedServe, BothKinds, EveryAddress, IPv6, Tcp, Tls, UnixSocket
from tests.support.wire import BAD_HOST

pytestmark = pytest.mark.run_once("sqlite")

WAYS = [Tcp, EveryAddress, IPv6, BothKinds, UnixSocket, Activated]
HEALTHY, READY = {"status": "healthy"}, {"status": "ready"}
LIST = "/api/nobody/tasks"


@pytest.fixture(scope="module")
def database(tmp_path_factory, django_db_setup):
    with new_database(tmp_path_factory.mktemp("ways")) as url:
        yield url


# gthread differs from our worker where there is no address. A start costs two seconds.
SERVED = [*((way, "own") for way in WAYS), (Tcp, "gthread"), (UnixSocket, "gthread")]


@pytest.fixture(scope="module", params=SERVED, ids=lambda served: f"{served[0].__name__}-{served[1]}")
def service(request, database, tmp_path_factory):
    way, worker = request.param
    variables = {"PROXY_SSL_HEADER": "X-Forwarded-Proto", "METRICS_TOKEN": METRICS_TOKEN}
    with way(database, tmp_path_factory.mktemp("way") / "log", worker, **variables) as running:
        yield running


def request(method, target, *lines, version="1.1", host="Host: localhost"):
    lines = [f"{method} {target} HTTP/{version}", *([host] if host is not None else []), "Connection: close", *lines]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


# Hosts


@pytest.mark.parametrize("path", [LIST, "/admin/login/", "/metrics", "/static/admin/css/base.css"])
@pytest.mark.parametrize(
    ("host", "version"),
    [("Host: evil.example", "1.1"), ("Host: evil.example", "1.0"), ("Host:", "1.1"), ("Host:", "1.0"), (None, "1.0")],
)
def test_host_that_is_unknown_or_missing_is_refused(service, path, host, version):
    answer = service.send(request("GET", path, host=host, version=version))

    assert parsed(answer) == (400, {"detail": BAD_HOST})


@pytest.mark.parametrize(("target", "status"), [("http://localhost", 200), ("http://evil.example", 400)])
@pytest.mark.parametrize(
    ("host", "version"), [("Host: evil.example", "1.1"), ("Host: localhost", "1.0"), (None, "1.0")]
)
def test_host_of_the_target_counts_alone(service, target, status, host, version):
    answer = service.send(request("GET", target + LIST, host=host, version=version))

    assert parsed(answer) == (status, [] if status == 200 else {"detail": BAD_HOST})


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("hosts", ["Host: localhost\r\nHost: localhost", "Host: localhost\r\nHost: evil.example"])
def test_two_hosts_are_refused(service, hosts, version):
    assert parsed(service.send(request("GET", LIST, host=hosts, version=version))) == (400, {"detail": "Bad Request"})


# Probes


@pytest.mark.parametrize(("path", "body"), [("/health", HEALTHY), ("/health/ready", READY)])
@pytest.mark.parametrize(
    ("host", "version"),
    [
        ("Host: 10.0.0.1:8000", "1.1"),
        ("Host: [fd00::1]:8000", "1.1"),
        ("Host: backend-task-service", "1.0"),
        ("Host: no host at all", "1.1"),
        ("Host:", "1.1"),
        ("Host:", "1.0"),
        (None, "1.0"),
    ],
)
def test_probe_is_answered_whatever_its_host(service, path, body, host, version):
    assert parsed(service.send(request("GET", path, host=host, version=version))) == (200, body)
    head = service.send(request("HEAD", path, host=host, version=version))
    assert head.split()[1] == b"200"
    assert head.endswith(b"\r\n\r\n")


def test_health_check_of_the_container_finds_the_service(service):
    command = [sys.executable, "-m", "todo_project.server.healthcheck"]
    assert subprocess.run(command, cwd=ROOT, env=service.environment).returncode == 0


def test_serve_takes_the_socket_that_is_open_already(database, tmp_path):
    with ActivatedServe(database, tmp_path / "log") as service:
        assert parsed(service.send(request("GET", "/health"))) == (200, HEALTHY)


# What an answer carries


def test_refusals_and_answers_carry_the_security_headers(service):
    for sent in (request("GET", "/health"), request("GET", LIST, host="Host: evil.example"), b"GARBAGE\r\n\r\n"):
        headers = head_of(service.send(sent))
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert headers["Content-Security-Policy"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_came_over_tls_says_so_and_nothing_else(service, version):
    over_tls = head_of(service.send(request("GET", "/admin/login/", "X-Forwarded-Proto: https", version=version)))
    plain = head_of(service.send(request("GET", "/admin/login/", "X-Forwarded-Proto: http", version=version)))

    assert (over_tls["Strict-Transport-Security"], "; Secure" in over_tls["Set-Cookie"]) == ("max-age=31536000", True)
    assert "Strict-Transport-Security" not in plain


def test_cookies_are_secure_where_the_server_itself_ends_tls(database, tmp_path):
    with Tls(database, tmp_path / "log", "gthread") as service:
        headers = head_of(service.send(request("GET", "/admin/login/")))

    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Set-Cookie"].endswith("; Path=/; SameSite=Lax; Secure")


def test_metrics_are_for_the_bearer_of_the_token_alone(service):
    assert parsed(service.send(request("GET", "/metrics", version="1.0")))[0] == 401
    allowed = service.send(request("GET", "/metrics", f"Authorization: Bearer {METRICS_TOKEN}", version="1.0"))
    assert allowed.split()[1] == b"200"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_body_over_the_limit_is_refused(service, version):
    # The head alone: gunicorn's own worker resets a connection whose body it has not read.
    sent = request("POST", LIST, "Content-Length: 131073", version=version)

    assert parsed(service.send(sent)) == (413, {"detail": "The body is larger than 131072 bytes"})


# The admin's log-in


def guess(service):
    """Sends a wrong password, and returns the status."""
    token = "x" * 32
    form = f"username=guessed-{service.port}&password=wrong&csrfmiddlewaretoken={token}"
    lines = [f"Cookie: csrftoken={token}", "Content-Type: application/x-www-form-urlencoded"]
    sent = request("POST", "/admin/login/", *lines, f"Content-Length: {len(form)}")
    return int(service.send(sent + form.encode()).split()[1])


# tests/http/test_security.py has the addresses of IPv6. Here each guess costs half a second.
WITHOUT_ADDRESSES = [served for served in SERVED if served[0] is UnixSocket]


@pytest.mark.parametrize("service", WITHOUT_ADDRESSES, indirect=True)
def test_fifth_wrong_password_closes_the_log_in(service):
    assert [guess(service) for _ in range(6)] == [200, 200, 200, 200, 429, 429]


# The log

SECRET = "of-a-user-whom-no-log-may-name"
REQUESTS = [
    request("GET", f"/api/{SECRET}/tasks"),
    request("GET", f"/api/{SECRET}/tasks", version="1.0", host=None),
    request("GET", f"/api/{SECRET}/tasks", host=f"Host: {SECRET}"),
    f"GET /api/{SECRET}/tasks\r\n\r\n".encode(),
    f"GET /api/{SECRET}/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization Bearer {SECRET}\r\n\r\n".encode(),
]


def test_log_names_no_user_and_no_client(service):
    for sent in REQUESTS:
        service.send(sent)

    log = service.log.read_text()
    assert "/api/{user_id}/tasks" in log
    assert SECRET not in log
    # A Unix socket's clients have no address, and the log has none of the others.
    assert "127.0.0.1" not in "".join(line for line in log.splitlines() if "Listening at" not in line)
