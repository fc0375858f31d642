"""A wrong value in the environment ends the start with one sentence."""

import os
import subprocess
import sys

import pytest

from tests.authentication.tokens import key
from tests.support.service import SECRET_KEY

pytestmark = pytest.mark.run_once("sqlite")

ORIGINS = "must be a comma-separated list of origins without a path, such as https://app.example.com, not"
HOSTS = (
    "must be a comma-separated list of host names without scheme, port or path, such as api.example.com, or "
    ".example.com for all names below it; an IPv6 address in brackets, and a name with other letters as xn--, not"
)
NO_ORIGINS = [
    "*",
    "capacitor://localhost/",
    "capacitor://",
    "app://localhost:99999",
    "chrome-extension://*",
    "1app://localhost",
    "file://localhost",
    "file://",
    "ws://app.example.com",
    "htpps://app.example.com",
    "capacitor:localhost",
]
NULL = "cannot list null, which any page can send: give the app's pages an origin, such as app://localhost"
PREFIX = "must be a path such as /svc, of letters, digits and ._~- and without a / at its end, not"
NO_PREFIXES = [
    "/",
    "svc",
    "/svc/",
    "//svc",
    "/a//b",
    "https://example.com/svc",
    "/svc?x",
    "/s%20c",
    "/s c",
    "/dienst-ü",
    "/../svc",
    "/svc/.",
    "C:/Program Files/Git/svc",
]
OWN_PATH = "must not begin with a path of the service, such as"
BOOLEAN = "must be one of 1, true, yes, on, 0, false, no, off, not"
NO_HOSTS = ["*.example.com", "::1", "[::1", "[10.0.0.1]", "[1::2::3]", "bücher.example", ".", "a..b", "-" * 64]
TOKEN = "must have 16 to 1,024 characters, all of them visible ASCII"
HEADER = "must be the name of a header, such as X-Forwarded-Proto, not"
NO_SCHEME_IN_IT = "must be a header that is https or http, such as X-Forwarded-Proto"
SAY_SOMETHING_ELSE = ["Forwarded", "X-Forwarded-Ssl", "x-forwarded-for", "Host", "Content-Type", "CF-Visitor"]
ADDRESS = "must be a host name or an IP address to listen on, not"
NO_PSQL = "must be the URL alone: leave out the word psql and the quotes around it"
NO_SCHEME = "must be a URL that starts with postgresql:// or sqlite:///"
NO_NAME = "must name a database or a file, as in postgresql://host/name or sqlite:///db.sqlite3"
NO_URL = (
    "must look like postgresql://user:password@host:5432/name, with other characters percent-encoded, in a password "
    "too: %40 for @, %23 for #, %2F for /, %3F for ?, %25 for %"
)
LIBPQ = "Options are libpq's, such as sslmode=require"
NO_MARK = "Write %3F for a ? of the file's name"
NO_OPTIONS = "Write %3F for a ? that begins no options"
NO_OPTION = "has an option that cannot be used"
NO_ESCAPE = "has an escape that is no UTF-8 text: write %25 for a % of the file's name"
MODES = "one of DEFERRED, IMMEDIATE, EXCLUSIVE"
JWKS_URL = (
    "must be an https URL without a user, such as https://app.example.com/api/auth/jwks; http is for loopback alone"
)
WRONG_URLS = [
    "app.example.com/jwks",
    "http://app.example.com/jwks",
    "http://127.0.0.1.example.com/jwks",
    "https://user:s3cret@app.example.com/jwks",
    "https://",
    "https://app.example.com:port/jwks",
    "https://app.example.com:0/jwks",
    "https://app\x01.example.com/jwks",
    "https://app.example.com/jwks#keys",
    "https://app.example.com/j wks",
    "file:///etc/jwks",
    "https://[::1/jwks",
]
PUBLIC_KEY = "must be a JWK set, a JWK or PEM, or the path of a file of one"
NO_KEY = "holds no public key for EdDSA, Ed25519, ES256, ES384, RS256, PS256"
NO_BYTES = "must have 32 random bytes or more, as UTF-8"
CLAIM = "must be the name of a claim, such as sub, or a path to it, such as user.id"
NO_SECRET = "must be a random secret, and not a key: public keys go into AUTH_JWT_PUBLIC_KEY"
ALGORITHMS = (
    "must be a comma-separated list of EdDSA, Ed25519, ES256, ES384, RS256, PS256. For AUTH_JWT_SECRET leave it out"
)
KEYS = "AUTH_JWKS_URL, AUTH_JWT_PUBLIC_KEY, AUTH_JWT_SECRET"
UNKNOWN_KEY = (
    f"is unknown, and without keys the API is open to all. The keys are named by {KEYS}; a blank value counts as unset"
)
QUOTES = "has quotes around its value: leave them out"
POSTGRESQL = "postgresql://user:s3cret@db.example.com/name"


@pytest.mark.parametrize(
    ("name", "value", "wants"),
    [
        ("DEBUG", "maybe", f"{BOOLEAN} 'maybe'"),
        ("PORT", "eighty", "must be a whole number from 1 to 65535, not 'eighty'"),
        ("PORT", "0", "must be a whole number from 1 to 65535, not '0'"),
        ("PORT", "65536", "must be a whole number from 1 to 65535, not '65536'"),
        ("PORT", "-1", "must be a whole number from 1 to 65535, not '-1'"),
        ("PORT", "8000.0", "must be a whole number from 1 to 65535, not '8000.0'"),
        ("PORT", "８０００", "must be a whole number from 1 to 65535, not '８０００'"),
        ("WEB_CONCURRENCY", "auto", "must be a whole number from 1 to 64, not 'auto'"),
        ("WEB_CONCURRENCY", "65", "must be a whole number from 1 to 64, not '65'"),
        ("METRICS_TOKEN", "short", TOKEN),
        ("METRICS_TOKEN", "x" * 1025, TOKEN),
        ("METRICS_TOKEN", "pässword-of-the-metrics", TOKEN),
        (
            "PROXY_SSL_HEADER",
            "X Forwarded",
            "must be the name of a header, such as X-Forwarded-Proto, not 'X Forwarded'",
        ),
        ("LOG_LEVEL", "loud", "must be one of debug, info, warning, error, critical, not 'loud'"),
        ("HOST", "http://0.0.0.0", f"{ADDRESS} 'http://0.0.0.0'"),
        ("HOST", "127.0.0.1:8000", f"{ADDRESS} '127.0.0.1:8000'"),
        ("ALLOWED_HOSTS", "https://api.example.com", f"{HOSTS} 'https://api.example.com'"),
        ("ALLOWED_HOSTS", "localhost, api.example.com:8000", f"{HOSTS} 'api.example.com:8000'"),
        ("CSRF_TRUSTED_ORIGINS", "app.example.com", f"{ORIGINS} 'app.example.com'"),
        ("CSRF_TRUSTED_ORIGINS", "https://app.example.com/", f"{ORIGINS} 'https://app.example.com/'"),
        ("CSRF_TRUSTED_ORIGINS", "capacitor://localhost", f"{ORIGINS} 'capacitor://localhost'"),
        ("CSRF_TRUSTED_ORIGINS", "null", f"{ORIGINS} 'null'"),
        *[("CORS_ALLOWED_ORIGINS", value, f"{ORIGINS} {value!r}") for value in NO_ORIGINS],
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com, null", NULL),
        ("CORS_ALLOWED_ORIGINS", "Null", NULL),
        *[("SCRIPT_NAME", value, f"{PREFIX} {value!r}") for value in NO_PREFIXES],
        ("SCRIPT_NAME", "/api", f"{OWN_PATH} /api: use another, such as /svc"),
        ("SCRIPT_NAME", "/health/x", f"{OWN_PATH} /health: use another, such as /svc"),
        ("DATABASE_URL", f"psql '{POSTGRESQL}'", NO_PSQL),
        ("DATABASE_URL", f"psql {POSTGRESQL}", NO_PSQL),
        ("DATABASE_URL", f"'{POSTGRESQL}'", QUOTES),
        ("AUTH_ISSUER", '"https://app.example.com"', QUOTES),
        ("AUTH_JWT_SECRET", f"“{'x' * 40}”", QUOTES),
        ("METRICS_TOKEN", f"'{'x' * 40}'", QUOTES),
        ("AUTH_ISSUER", "https://app.example.com # ours", "has a comment behind its value: leave it out"),
        ("DATABASE_URL", "sqlite:///db.sqlite3\t# here", "has a comment behind its value: leave it out"),
        ("SECRET_KEY", "\udcff" * 60, "must be UTF-8"),
        ("DATABASE_URL", "mysql://user:s3cret@db.example.com/name", NO_SCHEME),
        ("DATABASE_URL", "db.sqlite3", NO_SCHEME),
        ("DATABASE_URL", "postgresql://user:s3cret@db.example.com:five/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret@db.example.com:70000/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret@one:5432,two:70000/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret#@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret@[db/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret@db.example.com", NO_NAME),
        ("DATABASE_URL", "sqlite:///", NO_NAME),
        ("DATABASE_URL", "sqlite:///:memory:", NO_NAME),
        ("DATABASE_URL", f"{POSTGRESQL}?bogus=1&sslmode=require", f"has unknown options: bogus. {LIBPQ}"),
        ("DATABASE_URL", f"{POSTGRESQL}?connect_timeout=soon", "has a connect_timeout that is not a whole number"),
        ("DATABASE_URL", "sqlite:///db.sqlite3?bogus=1", f"has unknown options: bogus. {NO_MARK}"),
        ("DATABASE_URL", f"{POSTGRESQL}?isolation_level=4", f"has unknown options: isolation_level. {LIBPQ}"),
        (
            "DATABASE_URL",
            "sqlite:///db.sqlite3?cached_statements=9",
            f"has unknown options: cached_statements. {NO_MARK}",
        ),
        ("DATABASE_URL", "sqlite:///db.sqlite3?transaction_mode=x", f"has a transaction_mode that is not {MODES}"),
        ("DATABASE_URL", "sqlite:////tmp/a%00b", NO_ESCAPE),
        ("DATABASE_URL", "sqlite:////tmp/a%ffb", NO_ESCAPE),
        ("DATABASE_URL", "sqlite:////dir/c#1.sqlite3", "has a # that would cut off the rest: write %23 for it"),
        ("DATABASE_URL", "sqlite:////dir/c?1.sqlite3", f"has an option without a value: 1.sqlite3. {NO_OPTIONS}"),
        ("DATABASE_URL", "sqlite:////dir/c?a=b.sqlite3", f"has unknown options: a. {NO_MARK}"),
        ("DATABASE_URL", "sqlite:///db.sqlite3?timeout=1&timeout=2", "has the option timeout twice"),
        ("DATABASE_URL", "sqlite:////usr", "must name a file, and /usr is a folder"),
        ("DATABASE_URL", "postgresql://user:12/s3cret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:12?s3cret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:12?s3=cret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:12#s3cret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3@cr/et@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3%ffcret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3%00cret@db.example.com/name", NO_URL),
        ("DATABASE_URL", "postgresql://user:s3cret@db.example.com:0/name", NO_URL),
        ("DATABASE_URL", f"{POSTGRESQL}#part", NO_URL),
        ("DATABASE_URL", f"{POSTGRESQL}?sslmode=foo", f'{NO_OPTION}: invalid sslmode value: "foo"'),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}?service=none-such",
            f'{NO_OPTION}: definition of service "none-such" not found',
        ),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}?sslmode=require&sslrootcert=system",
            f'{NO_OPTION}: weak sslmode "require" may not be used with sslrootcert=system (use "verify-full")',
        ),
        ("DATABASE_URL", f"{POSTGRESQL}?sslmode=", f"has an option without a value: sslmode. {NO_OPTIONS}"),
        ("DATABASE_URL", f"{POSTGRESQL}?keepalives=soon", "has a keepalives that is not a whole number"),
        ("DATABASE_URL", f"{POSTGRESQL}?port=abc", "has a port that is not a whole number from 1 to 65535"),
        ("DATABASE_URL", f"{POSTGRESQL}?host=other", "names its host twice, once as an option"),
        ("DATABASE_URL", f"{POSTGRESQL}?replication=true", f"has unknown options: replication. {LIBPQ}"),
        ("DATABASE_URL", f"{POSTGRESQL}?connect_timeout=0", "has a connect_timeout of 0, which would wait for ever"),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}?target_session_attrs=standby",
            "has a target_session_attrs that finds servers without writes: use read-write",
        ),
        (
            "DATABASE_URL",
            f"{POSTGRESQL}?server_side_binding=yes",
            "has a server_side_binding that is not true or false",
        ),
        ("DATABASE_URL", f"{POSTGRESQL}{'e' * 60}", "names a database of more than 63 bytes"),
        ("CORS_ALLOWED_ORIGINS", "http://app.example.com:99999", f"{ORIGINS} 'http://app.example.com:99999'"),
        ("DATABASE_URL", "sqlite:///db.sqlite3?timeout=abc", "has a timeout that is not a whole number"),
        *[("ALLOWED_HOSTS", value, f"{HOSTS} {value!r}") for value in NO_HOSTS],
        *[("HOST", value, f"{ADDRESS} {value!r}") for value in ("a..b", ".", "x" * 64, "[::1]", "1::2::3")],
        *[("PROXY_SSL_HEADER", value, f"{NO_SCHEME_IN_IT}: {value} is something else") for value in SAY_SOMETHING_ELSE],
        ("PROXY_SSL_HEADER", "HTTP_X_FORWARDED_PROTO", f"{HEADER} 'HTTP_X_FORWARDED_PROTO'"),
        ("ALLOWED_HOSTS", ",", f"{HOSTS} ','"),
        *[("AUTH_JWKS_URL", value, JWKS_URL) for value in WRONG_URLS],
        ("AUTH_JWT_PUBLIC_KEY", "no-such-file.json", f"{PUBLIC_KEY}: No such file or directory"),
        ("AUTH_JWT_PUBLIC_KEY", "tasks", f"{PUBLIC_KEY}: Is a directory"),
        ("AUTH_JWT_PUBLIC_KEY", "{", f"is neither JSON nor PEM. It {PUBLIC_KEY}"),
        ("AUTH_JWT_PUBLIC_KEY", '{"keys": {}}', f"is neither a JWK nor a JWK set. It {PUBLIC_KEY}"),
        ("AUTH_JWT_PUBLIC_KEY", '{"keys": []}', f"{NO_KEY}. It {PUBLIC_KEY}"),
        ("AUTH_JWT_PUBLIC_KEY", '{"kty": "oct", "k": "c2VjcmV0"}', f"{NO_KEY}. It {PUBLIC_KEY}"),
        ("AUTH_JWT_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----", f"{NO_KEY}. It {PUBLIC_KEY}"),
        (
            "AUTH_JWT_PUBLIC_KEY",
            "-----BEGIN PRIVATE KEY-----",
            f"holds a private key: give the public one alone. It {PUBLIC_KEY}",
        ),
        ("AUTH_JWT_SECRET", "x" * 31, NO_BYTES),
        ("AUTH_JWT_SECRET", "\udcff" * 32, "must be UTF-8"),
        ("AUTH_ISSUER", " , ", "must be a list separated by commas, or blank"),
        ("AUTH_JWT_SECRET", f"-----BEGIN PUBLIC KEY-----\n{'x' * 40}", NO_SECRET),
        ("AUTH_JWT_SECRET", '{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}', NO_SECRET),
        ("AUTH_ALGORITHMS", "HS256", ALGORITHMS),
        ("AUTH_ALGORITHMS", "none", ALGORITHMS),
        ("AUTH_JWT_SECRET", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA", NO_SECRET),
        *[("AUTH_USER_CLAIM", value, CLAIM) for value in ("user id", "exp", "iss.id", "aud", "ü", ".", "a.", "a..b")],
        ("AUTH_USER_CLAIM", "user.id", f"needs keys: set one of {KEYS}"),
        ("AUTH_JWT_PUBLIC_KEY", '{"kty": "oct"}', f"{NO_KEY}. It {PUBLIC_KEY}"),
        ("AUTH_ISSUER", "https://app.example.com", f"needs keys: set one of {KEYS}"),
        ("AUTH_AUDIENCE", "tasks", f"needs keys: set one of {KEYS}"),
        ("AUTH_ALGORITHMS", "ES256", f"needs keys: set one of {KEYS}"),
        ("AUTH_JWK_URL", "https://app.example.com/jwks", UNKNOWN_KEY),
        ("auth_jwt_secret", "x" * 40, UNKNOWN_KEY),
        ("SECRET_KEY", "short", "must have 50 random characters or more"),
        ("SECRET_KEY", "ab" * 50, "must have 50 random characters or more"),
    ],
)
def test_wrong_value_is_told_in_one_sentence_without_a_password(settings_of, name, value, wants):
    with pytest.raises(SystemExit) as stop:
        settings_of(**{"SECRET_KEY": SECRET_KEY, name: value})
    assert stop.value.code == f"{name} {wants}."


TOGETHER = "cannot be set together: keys come from one place, and are of one kind."
SECRET = "only-for-tests-0123456789abcdef0"
JWKS = "https://app.example.com/jwks"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"AUTH_JWT_SECRET": SECRET, "AUTH_JWKS_URL": JWKS}, f"AUTH_JWKS_URL and AUTH_JWT_SECRET {TOGETHER}"),
        (
            {"AUTH_JWT_PUBLIC_KEY": "{}", "AUTH_JWKS_URL": JWKS},
            f"AUTH_JWKS_URL and AUTH_JWT_PUBLIC_KEY {TOGETHER}",
        ),
        (
            {"AUTH_JWT_SECRET": SECRET, "AUTH_ALGORITHMS": "ES256"},
            "AUTH_ALGORITHMS is for public keys. AUTH_JWT_SECRET verifies HS256 and nothing else: leave it out.",
        ),
    ],
)
def test_variables_that_contradict_each_other_are_told_in_one_sentence(settings_of, variables, sentence):
    with pytest.raises(SystemExit) as stop:
        settings_of(SECRET_KEY=SECRET_KEY, **variables)
    assert stop.value.code == sentence


def test_unknown_name_does_no_harm_where_keys_are_named(settings_of):
    assert settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWT_SECRET=SECRET, AUTH_JWT_TTL="15m")["HAS_AUTHENTICATION"] is True


@pytest.mark.parametrize("url", [JWKS, "http://localhost:3000/jwks", "http://[::1]:3000/jwks?key=1", "https://a/"])
def test_url_of_keys_is_kept_as_it_is(settings_of, url):
    settings = settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWKS_URL=url)
    assert (settings["AUTH_JWKS_URL"], settings["HAS_AUTHENTICATION"]) == (url, True)


def test_public_key_may_be_a_file_or_have_its_line_ends_written_out(settings_of, folder):
    pem = key("EdDSA").pem.decode().strip()
    (folder / "key.pem").write_text(f"{pem}\n")
    for value in ("key.pem", str(folder / "key.pem"), pem, pem.replace("\n", "\\n")):
        assert settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWT_PUBLIC_KEY=value)["AUTH_JWT_PUBLIC_KEY"] == pem


def test_more_keys_without_a_name_than_are_tried_end_the_start(settings_of):
    pems = [key("ES256", f"key-{number}").pem.decode() for number in range(5)]
    assert settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWT_PUBLIC_KEY="".join(pems[:4]))["HAS_AUTHENTICATION"]
    with pytest.raises(SystemExit) as stop:
        settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWT_PUBLIC_KEY="".join(pems))
    why = "holds more than 4 keys without a kid: name them in a JWK set"
    assert stop.value.code == f"AUTH_JWT_PUBLIC_KEY {why}. It {PUBLIC_KEY}."


def test_key_for_none_of_the_algorithms_ends_the_start(settings_of):
    with pytest.raises(SystemExit) as stop:
        settings_of(SECRET_KEY=SECRET_KEY, AUTH_JWT_PUBLIC_KEY=key("EdDSA").pem.decode(), AUTH_ALGORITHMS="ES256")
    assert stop.value.code == f"AUTH_JWT_PUBLIC_KEY holds no public key for ES256. It {PUBLIC_KEY}."


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import todo_project.settings"],
        ["manage.py", "check"],
        ["manage.py", "serve"],
        ["-m", "gunicorn", "todo_project.wsgi"],
    ],
)
def test_wrong_value_ends_every_command_with_1_and_no_traceback(folder, command):
    environment = os.environ | {"PORT": "eighty", "DJANGO_SETTINGS_MODULE": "todo_project.settings"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)
    sentence = "PORT must be a whole number from 1 to 65535, not 'eighty'.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
