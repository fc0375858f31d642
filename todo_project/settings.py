"""Settings. Every variable is read here, once, from the environment or from `.env` (docs/configuration.md)."""

import sys
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers

from todo_project import __version__
from todo_project.environment import (
    addresses,
    authentication,
    database_url,
    env_file,
    misspelt,
    origins,
    readers,
    secret_key,
    streams,
)

streams.use_utf8()

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = env_file.path("ENV_FILE", BASE_DIR)
IN_ENV_FILE = env_file.load(ENV_FILE)

LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"

DEBUG = readers.boolean("DEBUG", default=False)
HOST = readers.bind_address("HOST", default="127.0.0.1")
PORT = readers.integer("PORT", default=8000, lowest=1, highest=addresses.HIGHEST_PORT)
WEB_CONCURRENCY = readers.integer("WEB_CONCURRENCY", default=2, lowest=1, highest=64)
# How many requests a process works at, at the most, each with its own database connection (gunicorn.conf.py).
THREADS = max(2, min(8, 64 // WEB_CONCURRENCY))
LOG_LEVEL = readers.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error", "critical")).upper()
DATABASE = database_url.database("DATABASE_URL", "sqlite:///db.sqlite3", BASE_DIR)
DATABASE_WAIT_SECONDS = readers.integer("DATABASE_WAIT_SECONDS", default=12, lowest=1, highest=60)
STATEMENT_TIMEOUT_MS = readers.integer("STATEMENT_TIMEOUT_MS", default=5_000, lowest=100, highest=600_000)
LOCK_TIMEOUT_MS = readers.integer("LOCK_TIMEOUT_MS", default=2_000, lowest=10, highest=600_000)
if Path(sys.argv[0]).name == "manage.py":
    # A migration or an export may take long. To PostgreSQL, 0 means no limit.
    STATEMENT_TIMEOUT_MS = LOCK_TIMEOUT_MS = 0
ALLOWED_HOSTS = readers.hosts("ALLOWED_HOSTS", LOCAL_HOSTS)
SCRIPT_NAME = readers.path_prefix("SCRIPT_NAME")
PROXY_SSL_HEADER = readers.header("PROXY_SSL_HEADER")
CSRF_TRUSTED_ORIGINS = origins.of_pages("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = origins.of_pages_and_apps("CORS_ALLOWED_ORIGINS")
METRICS_TOKEN = readers.token("METRICS_TOKEN")
AUTH_JWKS_URL = authentication.jwks_url("AUTH_JWKS_URL")
AUTH_JWT_PUBLIC_KEY = authentication.public_key("AUTH_JWT_PUBLIC_KEY", BASE_DIR)
AUTH_JWT_SECRET = authentication.shared_secret("AUTH_JWT_SECRET")
AUTH_ALGORITHMS = authentication.algorithms("AUTH_ALGORITHMS")
AUTH_ISSUER = authentication.words("AUTH_ISSUER")
AUTH_AUDIENCE = authentication.words("AUTH_AUDIENCE")
AUTH_USER_CLAIM = authentication.claim("AUTH_USER_CLAIM", default="sub")
HAS_AUTHENTICATION = authentication.check(
    AUTH_JWKS_URL, AUTH_JWT_PUBLIC_KEY, AUTH_JWT_SECRET, AUTH_ALGORITHMS, IN_ENV_FILE
)

IS_POSTGRESQL = DATABASE["ENGINE"].endswith("postgresql")
SECRET_KEY = secret_key.secret_key("SECRET_KEY", ENV_FILE, may_be_made=not IS_POSTGRESQL and HOST in addresses.LOOPBACK)
if sys.argv[1:2] != ["serve"]:
    # `serve` becomes the server, which reads the settings again.
    misspelt.warn(IN_ENV_FILE)

INSTALLED_APPS = [
    # First, because its templates extend the admin's of the same name.
    "todo_project",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Leaves static files to WhiteNoise in runserver too, whose own handler does not find them under SCRIPT_NAME.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "todo_project.apps.LoginLimitConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tasks",
]
MIDDLEWARE = [
    "todo_project.observability.middleware.ObservationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "todo_project.middleware.answers.AnswerMiddleware",
    # Outside of all that refuse a request, so that a page can read why.
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "todo_project.middleware.hosts.TrustedHostMiddleware",
    "todo_project.middleware.static_files.StaticFilesMiddleware",
    "todo_project.middleware.paths.StrictPathMiddleware",
    "todo_project.middleware.bodies.BodyLimitMiddleware",
    "todo_project.middleware.admin.AdminSessionMiddleware",
    "todo_project.middleware.admin.AdminAuthenticationMiddleware",
    "todo_project.middleware.admin.AdminMessageMiddleware",
    "todo_project.middleware.admin.AdminLoginLimitMiddleware",
]
SILENCED_SYSTEM_CHECKS = [
    # AdminSite protects each of its views with csrf_protect, and nothing else here reads a cookie.
    "security.W003",
    # The proxy that ends TLS redirects to it. This process speaks plain HTTP.
    "security.W008",
    # This service cannot promise HSTS for other subdomains, nor for browsers' preload lists.
    "security.W005",
    "security.W021",
    # django-axes misses its own middleware: AdminLoginLimitMiddleware runs it for the admin alone.
    "axes.W002",
]
ROOT_URLCONF = "todo_project.urls"
WSGI_APPLICATION = "todo_project.wsgi.application"
# Begins each path that the service writes. wsgi.py takes it off those that it reads.
FORCE_SCRIPT_NAME = SCRIPT_NAME
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

POSTGRESQL_OPTIONS = {
    "application_name": "backend-task-service",
    "connect_timeout": "3",
}
SQLITE_OPTIONS = {
    # With IMMEDIATE a transaction that will write waits for its lock at the start, instead of failing midway.
    "transaction_mode": "IMMEDIATE",
    "timeout": DATABASE_WAIT_SECONDS,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
DATABASES = {
    "default": {
        **DATABASE,
        "OPTIONS": (POSTGRESQL_OPTIONS if IS_POSTGRESQL else SQLITE_OPTIONS) | DATABASE.get("OPTIONS", {}),
        # Each thread keeps its connection: opening one costs more than a whole request.
        "CONN_MAX_AGE": None,
        # PgBouncer in transaction mode (Neon's pooled URL) cannot keep a cursor between statements.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# After five wrong passwords for one name from one address, the admin's log-in refuses the two for 15 minutes.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "todo_project.admin.addresses.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "todo_project.admin.login.locked_out"
AXES_VERBOSE = False
# The page after the log-in if its ?next= is unsafe.
LOGIN_REDIRECT_URL = "admin:index"

# The proxy that ends TLS sets this header, and must remove it from what clients send. No header is trusted by default.
SECURE_PROXY_SSL_HEADER = (f"HTTP_{PROXY_SSL_HEADER.upper().replace('-', '_')}", "https") if PROXY_SSL_HEADER else None
# Only answers over TLS carry the header.
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(PROXY_SSL_HEADER) or (HOST not in addresses.LOOPBACK and not DEBUG)

# Under a prefix the host may serve another Django service, whose cookies have the usual names and come here too.
COOKIE_SUFFIX = SCRIPT_NAME.replace("/", "_")
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid{COOKIE_SUFFIX}", f"csrftoken{COOKIE_SUFFIX}"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = SCRIPT_NAME or "/"
if SCRIPT_NAME:
    # A cookie of messages would be for the whole host.
    MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "todo_project.admin.formats"
STATIC_URL = f"{SCRIPT_NAME}/static/"
# WhiteNoise finds the files in the apps' folders, so that nobody has to run collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
APPEND_SLASH = False

# Every path, so that a page of a listed origin can read the 404 of a wrong URL, and a preflight for it passes. Not the
# admin: its visitor's session would let that page act as the visitor. Nor the documents and static files, which no
# other page needs. All other paths read no cookie, so their answers hold nothing that the page could not get anyway.
CORS_URLS_REGEX = r"^/(?!(admin|docs|redoc|static)(/|$))"
CORS_ALLOW_CREDENTIALS = True
# Tracing in the browser (W3C Trace Context, OpenTelemetry, Sentry) adds headers to each request, and the browser stops
# a request with a header that is not listed.
CORS_ALLOW_HEADERS = [
    *default_headers,
    "baggage",
    "cache-control",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "X-Request-ID",
    *(["WWW-Authenticate"] if HAS_AUTHENTICATION else []),
]

MAX_BODY_BYTES = 128 * 1024

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["todo_project.api.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["todo_project.api.parsers.ORJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todo_project.api.negotiation.JSONOnly",
    "DEFAULT_AUTHENTICATION_CLASSES": (
        ["todo_project.authentication.bearer.BearerAuthentication"] if HAS_AUTHENTICATION else []
    ),
    "DEFAULT_PERMISSION_CLASSES": [
        f"todo_project.authentication.permissions.{'IsOwner' if HAS_AUTHENTICATION else 'NamesAUser'}"
    ],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "todo_project.api.exceptions.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Backend Task Service",
    "DESCRIPTION": "A store for users' tasks: list, create, get, update, complete and delete, one or many at once.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": SCRIPT_NAME or "/", "description": "This service"}],
    "TAGS": [{"name": "tasks", "description": "A user's tasks"}],
    "POSTPROCESSING_HOOKS": [
        "todo_project.api.schema.declare_required_bodies",
        "todo_project.api.schema.drop_read_only",
        f"todo_project.api.schema.{'declare_bearer' if HAS_AUTHENTICATION else 'declare_no_security'}",
        "todo_project.api.schema.merge_blank_text",
    ],
    "CONTACT": {"name": "The operator of this installation"},
    # A body has one name, whatever the method. user_id comes before task_id, as in the path.
    "COMPONENT_SPLIT_PATCH": False,
    # declare_bearer describes ours.
    "AUTHENTICATION_WHITELIST": [],
    "SORT_OPERATION_PARAMETERS": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "todo_project.observability.logs.RequestIdFilter"}},
    "formatters": {
        "json": {"()": "todo_project.observability.logs.JSONFormatter"},
        "plain": {
            "()": "todo_project.observability.logs.PlainFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if sys.stderr and sys.stderr.isatty() else "json",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": [], "propagate": True}, "django.request": {"level": "ERROR"}},
}
