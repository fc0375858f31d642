"""What the README's own set-up makes is well in the eyes of `doctor`."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.service import SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")


def run(folder, *arguments, **variables):
    environment = {"PATH": os.environ["PATH"], **variables}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, umask=0o022).stdout


@pytest.mark.parametrize("variables", [{}, {"SECRET_KEY": SECRET_KEY}])
def test_copied_env_file_and_new_database_please_the_doctor(folder, variables):
    shutil.copy(folder / ".env.example", folder / ".env")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    run(folder, "migrate", **variables)
    findings = json.loads(run(folder, "doctor", "--format=json", **variables))["findings"]
    levels = {finding["check"]: finding["level"] for finding in findings}
    assert {levels[check] for check in (".env", "SECRET_KEY", "database file", "migrations")} == {"ok"}
    assert "fault" not in levels.values()
