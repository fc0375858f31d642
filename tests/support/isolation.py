"""Takes the user's own variables and `.env` away from the tests, so that they find the same on every machine.

pytest loads this before all else (`-p` in pytest.ini), because pytest-django reads the service's settings at its start.
"""

import locale
import os
import re
from contextlib import suppress

import pytest

SECRET_KEY = "only-for-tests-" + "0123456789abcdef" * 3
KEPT = re.compile(
    "|".join(
        [
            # Where programs and their files are.
            r"PATH|LD_LIBRARY_PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|TEMP|TMP|SYSTEMROOT",
            # What npm needs where the machine has no other way to the network.
            r"(?i:\w+_proxy)|npm_config_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)",
            # What docs/configuration.md says of the tests, and pytest's own.
            r"CI|DATABASE_URL|TEST_DATABASE_URL|TEST_CITUS_URL|GUNICORN_CMD_ARGS|PYTEST_\w+",
        ]
    )
)
LOOPBACK = "127.0.0.1,localhost,::1"


def isolated(environment):
    """The variables that a test may see: those above, and the same values for the rest everywhere."""
    kept = {name: value for name, value in environment.items() if KEPT.fullmatch(name)}
    # A proxy of the user's leads to no server of the tests.
    around = {name: f"{kept[name]},{LOOPBACK}" if kept.get(name) else LOOPBACK for name in ("no_proxy", "NO_PROXY")}
    # Both Python and PostgreSQL choose an encoding and an order of words by the locale.
    return kept | around | {"LANG": "C.UTF-8", "ENV_FILE": os.devnull, "SECRET_KEY": SECRET_KEY}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args):
    if os.environ.get("NO_COLOR"):
        args.insert(0, "--color=no")
    alone = isolated(os.environ)
    for name in os.environ.keys() - alone.keys():
        del os.environ[name]
    os.environ.update(alone)
    # Python took the encoding of files from the user's locale when it started.
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, alone["LANG"])
    return (yield)
