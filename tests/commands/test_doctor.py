"""What `doctor` reports as a whole, and what it finds in the settings and on the machine."""

import json
import re
import shutil
import tempfile
from collections import namedtuple
from pathlib import Path

import pytest

from tests.authentication.tokens import key
from tests.support.commands import live_url, refusal, start
from tests.support.ports import refusing_port
from tests.support.service import SECRET_KEY
from todo_project.doctor import authentication, configuration, installation

PASSWORD = "s3cret-of-the-database"
TOKEN = "s3cret-of-the-metrics"
Usage = namedtuple("Usage", "total used free")


def report(url, *arguments, **variables):
    """The exit code, stdout and stderr, after a check that neither output holds a secret."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {"METRICS_TOKEN": TOKEN, **variables}.items():
            environment.setenv(name, value)
        process = start(url, "doctor", *arguments)
    out, err = (stream.decode() for stream in process.communicate(timeout=60))
    assert not [secret for secret in (PASSWORD, TOKEN, SECRET_KEY) if secret in out + err]
    return process.returncode, out, err


def found(check):
    return [(finding.check, finding.level, finding.message) for finding in check()]


def test_database_out_of_reach_is_a_fault_and_the_rest_is_reported():
    with refusing_port() as port:
        code, out, err = report(f"postgresql://user:{PASSWORD}@127.0.0.1:{port}/name", "--format=json")
    findings = json.loads(out)["findings"]
    assert (code, json.loads(out)["status"]) == (1, "fault")
    message = findings[-1].pop("message")
    assert findings[-1] == {
        "check": "database",
        "level": "fault",
        "advice": "Look at DATABASE_URL, and whether the database runs.",
    }
    # On a busy machine psycopg's time is up before it learns of the refusal.
    assert re.fullmatch("connection (failed: .* Connection refused|timeout expired)", message), message
    assert [finding["level"] for finding in findings].count("fault") == 1
    assert err.startswith("Faults: 1, warnings: ")


def test_folder_of_the_database_that_is_missing_is_named(tmp_path):
    code, out, _ = report(f"sqlite:///{tmp_path}/none/db.sqlite3", "--format=json")
    assert (code, json.loads(out)["findings"][-1]["message"]) == (1, f"the folder {tmp_path}/none is not there")


def test_text_says_each_finding_in_a_line_with_what_to_do(transactional_db, tmp_path):
    code, out, err = report(live_url(tmp_path), HOST="0.0.0.0", DEBUG="on", ALLOWED_HOSTS="*")
    assert "fault    DEBUG " in out
    assert " on, while HOST is 0.0.0.0: errors show settings to everyone\n" in out
    assert " → Set DEBUG=off.\n" in out
    assert "warning  ALLOWED_HOSTS " in out
    assert "ok       migrations " in out
    assert code == 1
    assert err.splitlines()[-1].startswith("Faults: ")


KEY = "SECRET_KEY"
INSECURE = "django-insecure-" + "0123456789abcdef" * 3


@pytest.mark.parametrize(("key", "level"), [(SECRET_KEY, "ok"), (INSECURE, "warning"), ("abcdefgh" * 8, "warning")])
def test_key_that_looks_typed_is_a_warning(settings, key, level):
    settings.SECRET_KEY = key
    ((check, found_level, message),) = found(configuration.secret_key)
    assert (check, found_level) == (KEY, level)
    assert key not in message


MAY_USE_IT = ".env", "fault", "others on this machine may use it (mode 644), with"
NO_SECRET = ".env", "ok", "it holds no secret"


@pytest.mark.parametrize(
    ("mode", "names", "finding"),
    [
        (None, [], (".env", "ok", "there is none; all settings come from the environment")),
        (0o600, ["SECRET_KEY"], (".env", "ok", "only its owner may use it")),
        (0o644, ["PORT", "AUTH_JWT_PUBLIC_KEY", "DATABASE_URL"], NO_SECRET),
        (
            0o644,
            ["PORT", "METRICS_TOKEN", "AUTH_JWT_SECRET"],
            (*MAY_USE_IT[:2], f"{MAY_USE_IT[2]} METRICS_TOKEN, AUTH_JWT_SECRET"),
        ),
    ],
)
def test_env_file_with_a_secret_for_others_is_a_fault(settings, monkeypatch, mode, names, finding):
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "")
    settings.IN_ENV_FILE = names
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        settings.ENV_FILE = Path(folder) / ".env"
        if mode:
            settings.ENV_FILE.touch()
            settings.ENV_FILE.chmod(mode)
        assert found(configuration.env_file) == [finding]
        Path(folder).chmod(0o700)
        if finding[1] == "fault":
            assert found(configuration.env_file) == [(".env", "ok", "others cannot reach its folder")]


def test_password_of_the_database_is_a_secret(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", PASSWORD)
    assert configuration.is_secret("DATABASE_URL")


@pytest.mark.parametrize(
    ("host", "debug", "level"),
    [("127.0.0.1", False, "ok"), ("127.0.0.1", True, "warning"), ("0.0.0.0", True, "fault"), ("::", False, "ok")],
)
def test_debug_for_others_is_a_fault(settings, host, debug, level):
    settings.HOST, settings.DEBUG = host, debug
    assert [finding[:2] for finding in found(configuration.debug)] == [("DEBUG", level)]


@pytest.mark.parametrize(
    ("host", "names", "level"),
    [
        ("127.0.0.1", ["localhost"], "ok"),
        ("0.0.0.0", ["localhost", "127.0.0.1"], "warning"),
        ("0.0.0.0", ["localhost", "api.example.com"], "ok"),
        ("127.0.0.1", ["*"], "warning"),
    ],
)
def test_hosts_for_nobody_or_everybody_are_a_warning(settings, host, names, level):
    settings.HOST, settings.ALLOWED_HOSTS = host, names
    assert [finding[:2] for finding in found(configuration.allowed_hosts)] == [("ALLOWED_HOSTS", level)]


APPS = ["capacitor://localhost", "https://localhost", "http://tauri.localhost"]
LOCAL, PLAIN, SAFE = "http://localhost:3000", "http://app.example.com", "https://app.example.com"


@pytest.mark.parametrize(
    ("host", "origins", "messages"),
    [
        ("127.0.0.1", [], ["no page of another origin may call the API"]),
        ("127.0.0.1", [LOCAL, SAFE], [f"for {LOCAL}, {SAFE}"]),
        ("0.0.0.0", [SAFE], [f"for {SAFE}"]),
        ("0.0.0.0", APPS, [f"for {', '.join(APPS)}"]),
        ("0.0.0.0", [LOCAL, SAFE], [f"local pages may call: {LOCAL}"]),
        ("0.0.0.0", [PLAIN, LOCAL], [f"not by https: {PLAIN}", f"local pages may call: {LOCAL}"]),
    ],
)
def test_origins_that_should_not_call_are_a_warning(settings, host, origins, messages):
    settings.HOST, settings.CORS_ALLOWED_ORIGINS = host, origins
    level = "ok" if len(messages) == 1 and messages[0].startswith(("no ", "for ")) else "warning"
    assert found(configuration.cors) == [("CORS", level, message) for message in messages]


def test_django_s_own_checks_are_among_the_findings(settings):
    assert found(configuration.system_checks) == [("system checks", "ok", "all passed")]
    settings.HOST, settings.SESSION_COOKIE_SECURE = "0.0.0.0", False
    assert "security.W010: " in found(configuration.system_checks)[0][2]


@pytest.mark.parametrize(("host", "level"), [("127.0.0.1", "ok"), ("0.0.0.0", "warning")])
def test_no_authentication_is_a_warning_where_others_reach_the_service(settings, host, level):
    settings.HOST = host
    assert found(authentication.authentication) == [("authentication", level, "off: the path says who asks")]


def test_what_a_token_must_say_is_shown_and_its_secret_is_not():
    _, out, _ = report(
        "sqlite:////nowhere/db.sqlite3",
        "--format=json",
        AUTH_JWT_SECRET=f"{TOKEN}-{TOKEN}",
        AUTH_ISSUER="https://a.example, https://b.example",
        AUTH_USER_CLAIM="user.id",
    )
    findings = {finding["check"]: (finding["level"], finding["message"]) for finding in json.loads(out)["findings"]}
    assert findings["authentication"] == ("ok", "bearer tokens by AUTH_JWT_SECRET")
    assert findings["AUTH_ISSUER"] == ("ok", "https://a.example, https://b.example")
    assert findings["AUTH_USER_CLAIM"] == ("ok", "user.id")
    assert "AUTH_AUDIENCE" not in findings


@pytest.fixture
def keys(settings):
    settings.HAS_AUTHENTICATION, settings.AUTH_ALGORITHMS = True, []
    return lambda: found(authentication.authentication)[0]


def test_keys_of_the_settings_are_listed(settings, keys):
    settings.AUTH_JWT_PUBLIC_KEY = json.dumps(
        {"keys": [key("EdDSA").jwk, key("RS256").jwk | {"alg": None, "kid": None}]}
    )
    listed = "'eddsa' (EdDSA/Ed25519), without id (RS256/PS256)"
    assert keys() == ("authentication", "ok", f"bearer tokens by AUTH_JWT_PUBLIC_KEY: {listed}")


def test_keys_that_cannot_be_fetched_are_a_fault(settings, keys):
    why = "the keys of localhost cannot be fetched: Connection refused"
    with refusing_port() as port:
        settings.AUTH_JWKS_URL = f"http://localhost:{port}/jwks?key=s3cret"
        assert keys() == ("authentication", "fault", why)


@pytest.mark.parametrize(("free", "level"), [(99 * 2**20, "fault"), (1023 * 2**20, "warning"), (1025 * 2**20, "ok")])
def test_full_disk_is_reported(monkeypatch, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 10**12 - free, free))
    assert {finding[1] for finding in found(installation.disk)} == {level}


def test_folder_of_the_database_that_is_missing_is_a_fault(settings, monkeypatch, tmp_path):
    settings.IS_POSTGRESQL = False
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(tmp_path / "none" / "db.sqlite3"))
    assert found(installation.disk)[-1] == (
        "disk of the database",
        "fault",
        f"{tmp_path / 'none'}: No such file or directory",
    )


def test_packages_are_compared_with_the_pins(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert "there is no requirements.txt" in found(installation.versions)[-1][2]
    pins = 'django==1.0 \\\n    --hash=sha256:0\nnone-such[c]==2.0 \\\nwaitress==3.0 ; sys_platform == "win32" \\\n'
    (tmp_path / "requirements.txt").write_text(pins)
    packages, level, message = found(installation.versions)[-1]
    assert (packages, level) == ("packages", "warning")
    assert message.startswith("django is 5.2.")
    assert message.endswith(", not 1.0, none-such is missing, not 2.0")


def test_wrong_argument_ends_in_one_sentence(capsys):
    sentence = "argument --format: invalid choice: 'xml' (choose from 'text', 'json')\n"
    assert refusal(capsys, "doctor", "--format=xml") == (1, sentence)
