"""Whose tokens are believed, and whether the keys can be had. It shows no secret: of the URL its host alone."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from todo_project.authentication.fetching import FetchError, fetch_keys
from todo_project.doctor.configuration import is_exposed
from todo_project.doctor.findings import Check, Finding, fault, ok, warning
from todo_project.environment.public_keys import VerificationKey, read

NAME = "authentication"


def authentication() -> Iterator[Finding]:
    if not settings.HAS_AUTHENTICATION:
        message = "off: the path says who asks"
        advice = "Set AUTH_JWKS_URL, or let only a proxy that checks its callers reach this service."
        yield warning(NAME, message, advice) if is_exposed() else ok(NAME, message)
        return
    if settings.AUTH_JWT_SECRET:
        yield ok(NAME, "bearer tokens by AUTH_JWT_SECRET")
    else:
        yield keys()
    for name in ("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_USER_CLAIM"):
        value = getattr(settings, name)
        if value:
            yield ok(name, ", ".join(value) if isinstance(value, list) else value)


def keys() -> Finding:
    if not settings.AUTH_JWKS_URL:
        found = read(settings.AUTH_JWT_PUBLIC_KEY, settings.AUTH_ALGORITHMS)
        return ok(NAME, f"bearer tokens by AUTH_JWT_PUBLIC_KEY: {described(found)}")
    host = urlsplit(settings.AUTH_JWKS_URL).hostname
    try:
        _, found = fetch_keys(settings.AUTH_JWKS_URL, settings.AUTH_ALGORITHMS)
    except FetchError as error:
        return fault(NAME, f"the keys of {host} cannot be fetched: {error}", "Look at AUTH_JWKS_URL.")
    if not found:
        return fault(NAME, f"the keys of {host} verify no token", "Look at AUTH_JWKS_URL and AUTH_ALGORITHMS.")
    return ok(NAME, f"bearer tokens by the keys of {host}: {described(found)}")


def described(keys: list[VerificationKey]) -> str:
    return ", ".join(f"{repr(key.kid) if key.kid else 'without id'} ({'/'.join(key.algorithms)})" for key in keys)


CHECKS: list[Check] = [authentication]
