"""A URL of PostgreSQL, read as libpq reads it: several hosts, the folder of a socket, and options that name them."""

import re
from typing import Any
from urllib.parse import unquote

import dj_database_url

# Options of Django's own that a URL may carry, beside libpq's.
DJANGO_OPTIONS = {"assume_role", "server_side_binding", "prepare_threshold"}
# A connection for replication takes no statements of the service.
UNUSABLE_OPTIONS = {"replication"}
# libpq reads these numbers when it connects over TCP.
NUMBERS = (
    "connect_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "prepare_threshold",
    "tcp_user_timeout",
)
# Parts of a URL that an option may name instead.
PARTS = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
TAKES_NO_WRITES = ("read-only", "standby", "prefer-standby")
# PostgreSQL cuts off a longer name.
LONGEST_NAME = 63
BACKEND = "todo_project.database.postgresql"
NOWHERE = "/no-such-folder-of-a-socket"


def parsed(address: str, options: dict[str, str]) -> dict[str, Any]:
    """Django's settings for what stands before and behind the ? of a URL. Raises ValueError."""
    authority, slash, path = address.partition("/")
    userinfo, at, hosts = authority.rpartition("@")
    # A password with a / or a ?: its rest would be taken for a name or an option.
    if "@" in path or any("@" in value for option, value in options.items() if option not in known_options()):
        raise ValueError("The @ before the host comes before the first / and ?")
    decoded(address)
    pairs = [host_and_port(host) for host in hosts.split(",")]
    # The library knows one host.
    first = dj_database_url.parse(f"postgresql://{userinfo}{at}{hosts.partition(',')[0]}{slash}{path}", BACKEND)
    # One of several hosts takes writes, and after a failover it is another.
    several = {"target_session_attrs": "read-write"} if "," in hosts or "," in options.get("host", "") else {}
    parts = {
        "HOST": ",".join(host for host, _ in pairs),
        "PORT": ",".join(port or "5432" for _, port in pairs) if several else pairs[0][1],
    }
    named = {part: options[option] for part, option in PARTS.items() if option in options}
    others = {name: value for name, value in options.items() if name not in PARTS.values()}
    if schema := others.pop("currentSchema", ""):
        # The server splits its options at blanks.
        path = re.sub(r"([ \\])", r"\\\1", schema)
        others["options"] = f"-c search_path={path} {others.get('options', '')}".strip()
    return {**first, **parts, **named, "OPTIONS": several | others}


def host_and_port(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"(\[[0-9a-fA-F:.%]+\]|[^:\[\]]*)(?::([0-9]{0,5}))?", text)
    if not match or (match[2] and not 0 < int(match[2]) <= 65_535):
        raise ValueError("This is no host with a port")
    return decoded(match[1].strip("[]")), match[2] or ""


def decoded(text: str) -> str:
    """Raises ValueError for what is no text in UTF-8."""
    value = unquote(text, errors="strict")
    if "\0" in value:
        raise ValueError("A NUL ends what libpq and SQLite read")
    return value


def problem(address: str, options: dict[str, str], database: dict[str, Any]) -> str:
    """The rest of a sentence on what is wrong with the options, "" where nothing is."""
    if unknown := sorted(set(options) - known_options()):
        return f"has unknown options: {', '.join(unknown)}. Options are libpq's, such as sslmode=require"
    for part, option in PARTS.items():
        if option in options and parsed(address, {})[part]:
            return f"names its {option} twice, once as an option"
    for name in NUMBERS:
        if name in options and not re.fullmatch(r"[0-9]{1,6}", options[name]):
            return f"has a {name} that is not a whole number"
    if not all(re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) <= 65_535 for port in ports_of(options)):
        return "has a port that is not a whole number from 1 to 65535"
    if options.get("connect_timeout", "1").strip("0") == "":
        return "has a connect_timeout of 0, which would wait for ever"
    if options.get("target_session_attrs") in TAKES_NO_WRITES:
        return "has a target_session_attrs that finds servers without writes: use read-write"
    if options.get("server_side_binding", "true") not in ("true", "false"):
        return "has a server_side_binding that is not true or false"
    if len(database["NAME"].encode()) > LONGEST_NAME:
        return f"names a database of more than {LONGEST_NAME} bytes"
    return refusal_of_libpq(database["OPTIONS"])


def ports_of(options: dict[str, str]) -> list[str]:
    return options["port"].split(",") if "port" in options else []


def known_options() -> set[str]:
    # Imported here: the import takes longer than a whole health check on SQLite.
    from psycopg.pq import Conninfo

    libpq = {each.keyword.decode() for each in Conninfo.get_defaults()}
    return {"currentSchema", *DJANGO_OPTIONS, *libpq} - UNUSABLE_OPTIONS


def refusal_of_libpq(options: dict[str, Any]) -> str:
    """libpq checks the values of most options before it connects. So this connects to where no server can be."""
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn

    # Of these libpq would complain because the place is a socket, or it would go elsewhere.
    skipped = DJANGO_OPTIONS | {"hostaddr", "gssencmode"}
    own = {name: value for name, value in options.items() if name not in skipped}
    connection = PGconn.connect(make_conninfo(**own, host=NOWHERE, hostaddr="", gssencmode="disable").encode())
    message = connection.error_message.decode(errors="replace").strip().partition("\n")[0]
    return "" if NOWHERE in message else f"has an option that cannot be used: {message}"


def typed(options: dict[str, str]) -> dict[str, Any]:
    """The options with Django's own as Django wants them; libpq takes text."""
    values: dict[str, Any] = {**options}
    if "prepare_threshold" in options:
        values["prepare_threshold"] = int(options["prepare_threshold"])
    if "server_side_binding" in options:
        values["server_side_binding"] = options["server_side_binding"] == "true"
    return values
