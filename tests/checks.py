"""Runs every check of the code except the tests: `python3 run.py check`."""

import os
import secrets
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from tests.support.isolation import isolated

PRODUCTION = {
    "DATABASE_URL": "postgresql://user:password@localhost/name",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "HOST": "0.0.0.0",
    "ALLOWED_HOSTS": "api.example.com",
    "DEBUG": "off",
}
CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy", "."],
    ["lint-imports", "--no-cache", "--no-logo"],
    ["manage.py", "makemigrations", "--check", "--dry-run"],
    ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    ["manage.py", "openapi", "--check"],
]


def passes(check, folder):
    print("$", *check, flush=True)
    name, *arguments = check
    command = [sys.executable, name] if name == "manage.py" else [Path(sys.executable).with_name(name)]
    environment = PRODUCTION | ({} if "--deploy" in check else {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"})
    return subprocess.run([*command, *arguments], env=isolated(os.environ) | environment).returncode == 0


def main():
    ArgumentParser(prog="python3 run.py check", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        failed = [check for check in CHECKS if not passes(check, folder)]
    for check in failed:
        print("failed:", *check, file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
