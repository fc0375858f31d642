"""nginx and HAProxy, configured as docs/operations.md says, except for what a test machine needs differently."""

import os
import re
import shutil
import socket
import subprocess

from testbed.postgres import free_port
from testbed.processes import kill_tree
from tests.support.missing import not_installed
from tests.support.service import ROOT
from tests.support.waiting import until

PAGE = ROOT / "docs" / "operations.md"
# What Debian's nginx.conf has around a site's configuration, for one process of any user.
AROUND = """\
daemon off;
pid {folder}/pid;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {documented}
}}
"""


def documented(language):
    """The page's blocks in the language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def replaced(text, replacements):
    """Raises LookupError unless each old text is there exactly once: else a test would run with another setting."""
    for old, new in replacements.items():
        if text.count(old) != 1:
            raise LookupError(f"{PAGE.name} has {old!r} {text.count(old)} times")
        text = text.replace(old, new)
    return text


def make_certificate(folder):
    """Makes a self-signed certificate. HAProxy needs it and its key in one file."""
    command = "openssl req -x509 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    files = ["-out", folder / "certificate", "-keyout", folder / "key"]
    subprocess.run([*command.split(), *key.split(), *files], check=True, capture_output=True)
    (folder / "both").write_text((folder / "certificate").read_text() + (folder / "key").read_text())


class Proxy:
    """`with Nginx(folder, instances) as proxy:` listens in plain HTTP on `proxy.port`, with TLS on `proxy.tls_port`."""

    name = packages = ""
    # Replaces the documented rate, which the load of these tests would exceed, and the settings that a variant changes.
    unlimited = {}

    def __init__(self, folder, instances, *, is_limited=False):
        self.folder, self.instances = folder, instances
        self.port, self.tls_port = free_port(), free_port()
        make_certificate(folder)
        replacements = self.replacements() | ({} if is_limited else self.unlimited)
        (folder / "settings").write_text(self.around(replaced(self.configuration(), replacements)))

    @classmethod
    def program(cls):
        """Its path, or None where it or openssl is missing. Some users' PATH has no folder for admin programs."""
        if not shutil.which("openssl"):
            return None
        return shutil.which(cls.name) or shutil.which(cls.name, path="/usr/sbin:/usr/local/sbin")

    @classmethod
    def not_installed(cls):
        return not_installed(cls.name, cls.packages)

    def configuration(self):
        return documented(self.name)[0]

    def around(self, configuration):
        return configuration

    def is_listening(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} did not start: {(self.folder / 'log').read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self):
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        try:
            until(self.is_listening)
        except BaseException:
            kill_tree(self.process)
            raise
        return self

    def __exit__(self, *exc_info):
        self.process.terminate()
        self.process.wait(timeout=60)


class Nginx(Proxy):
    name, packages = "nginx", "nginx-light openssl"
    unlimited = {"rate=50r/s": "rate=100000r/s"}

    def replacements(self):
        return {
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port}; listen 127.0.0.1:{self.tls_port} ssl;",
            "/etc/ssl/api.example.com.pem": f"{self.folder}/certificate",
            "/etc/ssl/api.example.com.key": f"{self.folder}/key",
            "server 127.0.0.1:8000 ": f"server 127.0.0.1:{self.instances[0].port} ",
            "server 127.0.0.1:8001 ": f"server 127.0.0.1:{self.instances[1].port} ",
        }

    def around(self, configuration):
        # By default nginx that root starts works as nobody, who may not enter these folders.
        user = "user root;" if os.geteuid() == 0 else ""
        return AROUND.format(folder=self.folder, user=user, documented=configuration)

    def command(self):
        return [self.program(), "-e", "stderr", "-p", self.folder, "-c", self.folder / "settings"]


class UnbufferedNginx(Nginx):
    unlimited = Nginx.unlimited | {
        "proxy_read_timeout 30s;": "proxy_read_timeout 30s; proxy_buffering off; proxy_request_buffering off;"
    }


class PrefixedNginx(Nginx):
    """Serves under /svc, and passes the path on as it is."""

    unlimited = Nginx.unlimited | {
        " /admin/login/ 6;": " /svc/admin/login/ 6;",
        # A form's Origin has the port, which is another one than https has.
        "Host $host;": "Host $http_host;",
    }

    def configuration(self):
        whole, locations = documented(self.name)
        before, after = whole.index("    location / {"), whole.index("    location @too_large")
        return whole[:before] + locations + whole[after:]


class StrippingNginx(PrefixedNginx):
    """Serves under /svc, and takes that off the path."""

    def configuration(self):
        locations = super().configuration().split("proxy_pass http://tasks;")
        return "{}proxy_pass http://tasks/;{}proxy_pass http://tasks/admin/login/;{}".format(*locations)


class HAProxy(Proxy):
    name, packages = "haproxy", "haproxy openssl"
    unlimited = {"gt 500": "gt 1000000"}

    def replacements(self):
        return {
            "bind :443 ssl crt /etc/ssl/api.example.com.both.pem": f"bind 127.0.0.1:{self.port}\n"
            f"    bind 127.0.0.1:{self.tls_port} ssl crt {self.folder}/both",
            "server one 127.0.0.1:8000": f"server one 127.0.0.1:{self.instances[0].port}",
            "server two 127.0.0.1:8001": f"server two 127.0.0.1:{self.instances[1].port}",
        }

    def command(self):
        return [self.program(), "-db", "-f", self.folder / "settings"]
