"""Better Auth in a process of its own, and the accounts that log in to it."""

import json
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.conftest import JSON
from tests.support import npm

HERE = Path(__file__).parent
PASSWORD = "correct horse battery staple"


class BetterAuth:
    """`with BetterAuth(folder) as issuer: Account(issuer).token()`. Its default issuer and audience are its URL."""

    def __init__(self, folder):
        self.folder, self.database = folder, folder / "accounts.sqlite3"
        self.secret = secrets.token_urlsafe(32)
        # Node.js looks for packages where the program itself is.
        self.program = shutil.copy(HERE / "server.mjs", folder)
        (folder / "node_modules").symlink_to(npm.installed(HERE) / "node_modules")

    def expire_keys(self):
        """As though the rotation interval were over: the keys stay in the set for a time, and a new one signs."""
        self.execute("UPDATE jwks SET expiresAt = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 second')")

    def remove_key(self, kid):
        self.execute("DELETE FROM jwks WHERE id = ?", [kid])

    def execute(self, statement, parameters=()):
        with closing(sqlite3.connect(self.database)) as connection, connection:
            assert connection.execute(statement, parameters).rowcount == 1

    def __enter__(self):
        command = ["node", self.program, self.database, self.secret]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.url = self.process.stdout.readline().strip()
        assert self.url, (self.folder / "log").read_text()
        return self

    def __exit__(self, *exc_info):
        self.process.communicate(timeout=10)


class Account:
    """A new account, logged in, with the cookies of its browser."""

    def __init__(self, issuer):
        self.issuer, self.cookies = issuer, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))
        self.email = f"{secrets.token_hex(4)}@example.com"
        signed_up = self.send("sign-up/email", name="Ada", email=self.email, password=PASSWORD)
        self.id = signed_up["user"]["id"]

    def log_in(self):
        """Anew, in a browser without cookies."""
        self.cookies.clear()
        self.send("sign-in/email", email=self.email, password=PASSWORD)

    def token(self):
        return self.send("token")["token"]

    def session_data(self):
        """The cookie in which Better Auth keeps the session, so that it need not ask its database."""
        [cookie] = [cookie for cookie in self.cookies if cookie.name == "better-auth.session_data"]
        return cookie.value

    def send(self, path, **body):
        data = json.dumps(body).encode() if body else None
        headers = {"Content-Type": JSON, "Origin": self.issuer.url}
        with self.opener.open(Request(f"{self.issuer.url}/api/auth/{path}", data, headers), timeout=20) as answer:
            return json.load(answer)
