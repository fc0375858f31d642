"""A client of the running service's admin. It keeps cookies, and sends each form with the CSRF token."""

import subprocess
import sys
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.support.client import connect
from tests.support.service import ROOT

LOG_IN = "/admin/login/"
FORM = "application/x-www-form-urlencoded"


class AdminClient:
    def __init__(self, service, **headers):
        self.service, self.headers, self.cookies = service, headers, SimpleCookie()

    def __call__(self, method, path, **form):
        """Sends a request and gives its status. The names in `form` are fields of the page's form."""
        token = {"csrfmiddlewaretoken": self.cookies["csrftoken"].value} if form else {}
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        headers = {"Content-Type": FORM, "Cookie": cookie} | self.headers
        with connect(self.service) as connection:
            answer = connection.send(method, path, urlencode(form | token) if form else None, headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer.status

    def log_in(self, name, password):
        self("GET", LOG_IN)
        return self("POST", LOG_IN, username=name, password=password)


def create_admin(service, name, password):
    superuser = {"USERNAME": name, "EMAIL": "admin@example.com", "PASSWORD": password}
    environment = service.environment | {f"DJANGO_SUPERUSER_{key}": value for key, value in superuser.items()}
    command = [sys.executable, "manage.py", "createsuperuser", "--no-input"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
