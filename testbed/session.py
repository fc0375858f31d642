"""A session in the admin, as a browser has it."""

import subprocess
import sys
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from testbed.client import Answer, Client

ROOT = Path(__file__).parent.parent
LOG_IN = "/admin/login/"
FORM = "application/x-www-form-urlencoded"


class Session:
    """Keeps the cookies that it gets, and sends each form with the CSRF token."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None, timeout: float = 30) -> None:
        self.port, self.headers, self.timeout = port, headers or {}, timeout
        self.cookies: SimpleCookie = SimpleCookie()

    def send(self, method: str, path: str, form: Mapping[str, Any] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self.cookies["csrftoken"].value}, doseq=True)
            headers["Content-Type"] = FORM
        with Client(self.port, self.timeout) as client:
            answer = client.send(method, path, body, headers | dict(self.headers))
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def log_in(self, name: str, password: str) -> int:
        """The status: 302 if the password is right."""
        self.send("GET", LOG_IN)
        return self.send("POST", LOG_IN, {"username": name, "password": password}).status


def create_admin(environment: Mapping[str, str], name: str, password: str) -> None:
    """Makes a superuser in the database that the service's environment names."""
    command = [sys.executable, "manage.py", "createsuperuser", "--no-input", "--username", name, "--email", ""]
    variables = {**environment, "DJANGO_SUPERUSER_PASSWORD": password}
    subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, check=True)
