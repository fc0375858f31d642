import os
import runpy
import shutil

import pytest

from tests.support.service import ROOT


@pytest.fixture
def folder(tmp_path):
    """A copy of the project, without the .env of the person who runs the tests."""
    for name in ("manage.py", "gunicorn.conf.py", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("todo_project", "tasks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def settings_of(folder, monkeypatch):
    """The settings' names and values with these environment variables and no others."""

    def settings_of(**environment):
        monkeypatch.setattr(os, "environ", environment)
        names = runpy.run_path(folder / "todo_project" / "settings.py")
        return {name: value for name, value in names.items() if name.isupper()}

    return settings_of
