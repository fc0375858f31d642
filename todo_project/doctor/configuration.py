"""The settings that can be right for one place and wrong for another."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from todo_project.doctor.findings import Check, Finding, fault, ok, warning
from todo_project.environment.addresses import LOOPBACK

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
NEW_KEY = 'Set another: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def is_exposed() -> bool:
    return settings.HOST not in LOOPBACK


def secret_key() -> Iterator[Finding]:
    key = settings.SECRET_KEY
    if key.startswith("django-insecure-") or len(set(key)) < 10:
        yield warning("SECRET_KEY", "does not look random", NEW_KEY)
    else:
        yield ok("SECRET_KEY", "long and varied")


def env_file() -> Iterator[Finding]:
    file = settings.ENV_FILE
    if not file.is_file():
        yield ok(".env", "there is none; all settings come from the environment")
    elif os.name == "nt" or not file.stat().st_mode & 0o077:
        yield ok(".env", "only its owner may use it")
    elif not (secrets := [name for name in settings.IN_ENV_FILE if is_secret(name)]):
        yield ok(".env", "it holds no secret")
    elif not all(folder.stat().st_mode & 0o011 for folder in file.resolve().parents):
        yield ok(".env", "others cannot reach its folder")
    else:
        mode = f"{file.stat().st_mode & 0o777:o}"
        message = f"others on this machine may use it (mode {mode}), with {', '.join(secrets)}"
        yield fault(".env", message, "chmod 600 .env")


def is_secret(name: str) -> bool:
    """Whether a variable of `.env` holds a secret. Some are other programs'."""
    if name == "DATABASE_URL":
        return bool(settings.DATABASES["default"].get("PASSWORD"))
    return name != "AUTH_JWT_PUBLIC_KEY" and bool(re.search("SECRET|TOKEN|PASSWORD|KEY", name))


def debug() -> Iterator[Finding]:
    if not settings.DEBUG:
        yield ok("DEBUG", "off")
    elif is_exposed():
        yield fault("DEBUG", f"on, while HOST is {settings.HOST}: errors show settings to everyone", "Set DEBUG=off.")
    else:
        yield warning("DEBUG", "on", "Set DEBUG=off wherever others can reach this service.")


def allowed_hosts() -> Iterator[Finding]:
    names = settings.ALLOWED_HOSTS
    if "*" in names:
        yield warning("ALLOWED_HOSTS", "every name is accepted", "List the names that clients use.")
    elif is_exposed() and set(names) <= LOCAL_NAMES:
        advice = "List the names that clients use, such as api.example.com."
        yield warning("ALLOWED_HOSTS", f"only local names, while HOST is {settings.HOST}: others get 400", advice)
    else:
        yield ok("ALLOWED_HOSTS", ", ".join(names))


def is_local(origin: str) -> bool:
    name = urlsplit(origin).hostname or ""
    return name in LOOPBACK or name.endswith(".localhost")


def cors() -> Iterator[Finding]:
    origins = settings.CORS_ALLOWED_ORIGINS
    # With a port it is a page of development, without one an app's: Capacitor's on Android is https://localhost.
    local = [origin for origin in origins if is_local(origin) and urlsplit(origin).port]
    plain = [origin for origin in origins if origin.startswith("http://") and not is_local(origin)]
    if plain:
        yield warning(
            "CORS", f"not by https: {', '.join(plain)}", "Anyone in between can act for these pages: use https."
        )
    if local and is_exposed():
        yield warning("CORS", f"local pages may call: {', '.join(local)}", "Leave them to development.")
    if not plain and not (local and is_exposed()):
        yield ok("CORS", f"for {', '.join(origins)}" if origins else "no page of another origin may call the API")


def system_checks() -> Iterator[Finding]:
    messages = checks.run_checks(include_deployment_checks=is_exposed())
    found = [message for message in messages if not message.is_silenced()]
    for message in found:
        make = fault if message.level >= checks.ERROR else warning
        yield make(
            "system check", f"{message.id}: {message.msg}", message.hint or "See Django's list of system checks."
        )
    if not found:
        yield ok("system checks", "all passed")


CHECKS: list[Check] = [secret_key, env_file, debug, allowed_hosts, cors, system_checks]
