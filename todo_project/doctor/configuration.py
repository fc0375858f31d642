"""The settings that can be right for one place and wrong for another."""

import os
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
    elif os.name != "nt" and file.stat().st_mode & 0o077:
        yield fault(
            ".env", f"others on this machine may use it (mode {file.stat().st_mode & 0o777:o})", "chmod 600 .env"
        )
    else:
        yield ok(".env", "only its owner may use it")


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


def cors() -> Iterator[Finding]:
    origins = settings.CORS_ALLOWED_ORIGINS
    local = [origin for origin in origins if urlsplit(origin).hostname in LOOPBACK]
    plain = [origin for origin in origins if origin.startswith("http://") and origin not in local]
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
