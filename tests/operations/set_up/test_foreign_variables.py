"""Variables with which people set up Python, uv and Django for other projects."""

import subprocess

import pytest

from tests.operations.set_up.shell import PYTHON, told

pytestmark = pytest.mark.run_once("sqlite")

ANSWER = """import json, os, sys, tasks, tests
names = [name for name in os.environ if name.startswith(("PYTHON", "PIP_T", "UV_P", "DJANGO_"))]
print(json.dumps([tasks.__file__, tests.__file__, sys.flags.optimize, "{folder}" in sys.path, sys.prefix, names]))
"""


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with modules that have the names of ours."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("tasks.py", "tests.py", "manage.py"):
        (folder / name).write_text("raise SystemExit('of another project')")
    return folder


@pytest.mark.parametrize(("command", "program"), [("manage", "manage.py"), ("test", "tests/__main__.py")])
def test_modules_of_the_project_are_found_whatever_the_shell_says_of_python(
    project, tmp_path, with_uv, elsewhere, command, program
):
    (project / "tasks.py").touch()
    (project / "tests" / "__init__.py").touch()
    (project / program).write_text(ANSWER.format(folder=elsewhere))
    variables = {
        "PYTHONHOME": subprocess.check_output([PYTHON, "-c", "import sys; print(sys.prefix)"], text=True).strip(),
        "PYTHONPATH": str(elsewhere),
        "PYTHONSAFEPATH": "1",
        "PYTHONOPTIMIZE": "2",
        "PYTHONWARNINGS": "error",
        "PYTHONINSPECT": "1",
        "PYTHONPROFILEIMPORTTIME": "1",
        "PYTHONUSERBASE": str(elsewhere),
        "PIP_TARGET": str(elsewhere),
        "UV_PROJECT_ENVIRONMENT": str(elsewhere),
        "DJANGO_SETTINGS_MODULE": "mysite.settings",
        "DJANGO_CONFIGURATION": "Dev",
        "DJANGO_SUPERUSER_PASSWORD": "for createsuperuser --no-input",
    }
    answer = told(project, command, **variables)
    modules = [str(project / "tasks.py"), str(project / "tests" / "__init__.py")]
    assert answer == [*modules, 0, False, str(project / ".venv"), ["DJANGO_SUPERUSER_PASSWORD"]]


def test_uv_is_given_the_way_to_the_packages_alone(project, with_uv, log):
    kept = ["UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_INDEX_COMPANY_PASSWORD", "UV_NATIVE_TLS"]
    left = ["UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_NO_BINARY", "UV_CONSTRAINT", "UV_WORKING_DIR", "UV_RESOLUTION"]
    told(project, "manage", **dict.fromkeys(kept + left, "1"))
    assert log.with_name("log.variables").read_text().split() == kept
