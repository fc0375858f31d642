"""What a process of the service loads."""

import os
import subprocess
import sys

import pytest

from tests.support.service import ROOT


@pytest.mark.run_once("sqlite")
def test_service_loads_no_library_that_commands_alone_need():
    """Each process would pay for it, in time and in memory. The URLs load the admin."""
    code = "import sys, todo_project.wsgi, todo_project.urls; print({'icalendar', 'tqdm'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    assert subprocess.check_output(command, cwd=ROOT, env=environment, text=True) == "set()\n"
