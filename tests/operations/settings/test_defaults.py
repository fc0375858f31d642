"""Which values hold where the environment sets nothing, and where they are documented."""

import re

import pytest
from dotenv import dotenv_values

from tests.support.service import ROOT, SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")

READER = r'(?:readers|origins|authentication|database_url|secret_key)\.\w+\(\s*"(\w+)"'
VARIABLES = re.findall(READER, (ROOT / "todo_project" / "settings.py").read_text())


def test_blank_value_is_an_unset_one(settings_of):
    blank = dict.fromkeys(VARIABLES, "  ") | {"SECRET_KEY": SECRET_KEY}
    assert settings_of(**blank) == settings_of(SECRET_KEY=SECRET_KEY)


def test_environment_goes_before_the_env_file(settings_of, folder):
    (folder / ".env").write_text("PORT=8001\nWEB_CONCURRENCY=3\n")
    settings = settings_of(PORT="8002", SECRET_KEY=SECRET_KEY)
    assert (settings["PORT"], settings["WEB_CONCURRENCY"]) == (8002, 3)


def test_env_example_lists_every_variable_with_its_default(settings_of):
    example = dotenv_values(ROOT / ".env.example")
    assert sorted(example) == sorted(VARIABLES)
    defaults = settings_of(SECRET_KEY=SECRET_KEY)
    assert settings_of(**example | {"SECRET_KEY": SECRET_KEY}) == defaults
    blank = {name for name, value in example.items() if not value} - {"SECRET_KEY"}
    assert {name for name in blank if defaults[name]} == set()


def test_configuration_page_has_a_row_for_every_variable_with_its_default():
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.MULTILINE))
    defaults = {name: f"`{value}`" if value else "none" for name, value in dotenv_values(ROOT / ".env.example").items()}
    assert rows == defaults


def test_origins_are_compared_as_browsers_write_them(settings_of):
    said = "http://App.example.com, https://b.example.com:443,http://c.example.com:80,https://d.example.com:80"
    expected = ["http://app.example.com", "https://b.example.com", "http://c.example.com", "https://d.example.com:80"]
    assert settings_of(SECRET_KEY=SECRET_KEY, CORS_ALLOWED_ORIGINS=said)["CORS_ALLOWED_ORIGINS"] == expected


def test_hosts_are_compared_as_clients_send_them(settings_of):
    said = "API.example.com., .Example.com,[0:0:0:0:0:0:0:1], [2001:DB8::0],*,10.0.0.1,my_host"
    expected = ["api.example.com", ".example.com", "[::1]", "[2001:db8::]", "*", "10.0.0.1", "my_host"]
    assert settings_of(SECRET_KEY=SECRET_KEY, ALLOWED_HOSTS=said)["ALLOWED_HOSTS"] == expected


@pytest.mark.parametrize(("said", "host"), [("LOCALHOST", "localhost"), ("FE80::1", "fe80::1"), ("::", "::")])
def test_address_to_listen_on_is_compared_in_lower_case(settings_of, said, host):
    assert settings_of(SECRET_KEY=SECRET_KEY, HOST=said)["HOST"] == host


def test_origins_of_apps_and_extensions_are_kept_as_they_are(settings_of):
    listed = ["capacitor://localhost", "app://.", "moz-extension://9a1b-c2", "https://localhost", "app://Local.App:80"]
    settings = settings_of(SECRET_KEY=SECRET_KEY, CORS_ALLOWED_ORIGINS=", ".join(listed))
    assert settings["CORS_ALLOWED_ORIGINS"] == listed


def test_what_is_not_set_is_safe(settings_of):
    safe = {
        "DEBUG": False,
        "HOST": "127.0.0.1",
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "CORS_ALLOWED_ORIGINS": [],
        "CSRF_TRUSTED_ORIGINS": [],
        "SECURE_PROXY_SSL_HEADER": None,
        "METRICS_TOKEN": "",
        "HAS_AUTHENTICATION": False,
    }
    settings = settings_of(SECRET_KEY=SECRET_KEY)
    assert {name: settings[name] for name in safe} == safe
