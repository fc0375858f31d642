"""Readers of the variables that say whose tokens are believed. None of their sentences repeats a value: any may be a
secret, pasted into the wrong line."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from todo_project.environment.addresses import LOOPBACK
from todo_project.environment.readers import refuse, text

# RFC 9864 renamed EdDSA: providers send the one name or the other.
ED25519 = ("EdDSA", "Ed25519")
ALGORITHMS = (*ED25519, "ES256", "ES384", "RS256", "PS256")
SECRET_BYTES = 32
KEYS = ("AUTH_JWKS_URL", "AUTH_JWT_PUBLIC_KEY", "AUTH_JWT_SECRET")
NEED_KEYS = ("AUTH_ALGORITHMS", "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_USER_CLAIM")
# They say something else than who the user is.
RESERVED_CLAIMS = ("iss", "aud", "exp", "nbf", "iat")
NAMED = f"The keys are named by {', '.join(KEYS)}; a blank value counts as unset"
URL = "must be an https URL without a user, such as https://app.example.com/api/auth/jwks; http is for loopback alone"
PUBLIC_KEY = "must be a JWK set, a JWK or PEM, or the path of a file of one"


def jwks_url(name: str) -> str:
    value = text(name)
    if value and not is_jwks_url(value):
        refuse(name, URL)
    return value


def is_jwks_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    is_plain = re.fullmatch("[!-~]+", value) and "@" not in parts.netloc and not parts.fragment
    return bool(is_private and is_plain and parts.hostname and port != 0)


def public_key(name: str, folder: Path) -> str:
    """The keys themselves, where the value is the path of their file too. A path is relative to `folder`."""
    value = text(name)
    if not value or value.startswith("{"):
        return value
    if "-----BEGIN" in value:
        # Platforms that keep a value on one line write its line ends as \n.
        return value.replace("\\n", "\n")
    try:
        return (folder / value).read_text(encoding="utf-8").strip() or refuse(name, f"{PUBLIC_KEY}: the file is empty")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the file is not text"
        refuse(name, f"{PUBLIC_KEY}: {why}")


def shared_secret(name: str) -> str:
    value = text(name)
    if value and len(value.encode()) < SECRET_BYTES:
        refuse(name, f"must have {SECRET_BYTES} random bytes or more, as UTF-8")
    return value


def algorithms(name: str) -> list[str]:
    """The algorithms in the list, with both names of each. None where it is not set: then the keys decide."""
    values = words(name)
    if not set(values) <= set(ALGORITHMS):
        refuse(name, f"must be a comma-separated list of {', '.join(ALGORITHMS)}. For AUTH_JWT_SECRET leave it out")
    is_ed25519 = not set(ED25519).isdisjoint(values)
    return [each for each in ALGORITHMS if each in values or (is_ed25519 and each in ED25519)]


def words(name: str) -> list[str]:
    values = [item.strip() for item in text(name).split(",") if item.strip()]
    if text(name) and not values:
        refuse(name, "must be a list separated by commas, or blank")
    return values


def claim(name: str, default: str) -> str:
    value = text(name, default)
    path = value.split(".")
    if not re.fullmatch(r"[!-~]{1,255}", value) or "" in path or path[0] in RESERVED_CLAIMS:
        refuse(name, "must be the name of a claim, such as sub, or a path to it, such as user.id")
    return value


def check(url: str, public_key: str, secret: str, algorithms: list[str], in_file: Iterable[str]) -> bool:
    """Whether authentication is configured. Ends the process where the variables contradict each other.

    `in_file` are the names in `.env`, which is this service's own. The environment is other programs' too: Auth.js has
    an AUTH_SECRET there.
    """
    given = [name for name, value in zip(KEYS, (url, public_key, secret), strict=True) if value]
    misspelt = [name for name, value in os.environ.items() if value.strip() and is_misspelt(name, in_file)]
    if misspelt and not given:
        refuse(misspelt[0], f"is unknown, and without keys the API is open to all. {NAMED}")
    if len(given) > 1:
        refuse(" and ".join(given), "cannot be set together: keys come from one place, and are of one kind")
    stray = [name for name in NEED_KEYS if text(name) not in ("", "sub")]
    if stray and not given:
        refuse(stray[0], f"needs keys: set one of {', '.join(KEYS)}")
    if secret and text("AUTH_ALGORITHMS"):
        refuse("AUTH_ALGORITHMS", "is for public keys. AUTH_JWT_SECRET verifies HS256 and nothing else: leave it out")
    if public_key:
        check_public_key(public_key, algorithms)
    if secret:
        check_secret(secret)
    return bool(given)


def is_misspelt(name: str, in_file: Iterable[str]) -> bool:
    """Whether the name may be meant for one of ours, such as AUTH_SECRET, JWT_SECRET or auth_jwks_url."""
    if name in (*KEYS, *NEED_KEYS):
        return False
    upper = name.upper()
    is_alike = upper.startswith("AUTH_") or any(key.endswith(f"_{upper}") and "_" in upper for key in KEYS)
    return upper.startswith("AUTH_JW") or (name in in_file and is_alike)


# PyJWT takes 60 ms to import, which no other start should pay.


def check_public_key(value: str, algorithms: list[str]) -> None:
    from todo_project.environment import public_keys

    try:
        public_keys.read(value, algorithms)
    except ValueError as error:
        refuse("AUTH_JWT_PUBLIC_KEY", f"{error}. It {PUBLIC_KEY}")


def check_secret(value: str) -> None:
    """Ends the process for a key: what is public would be enough to make tokens."""
    import jwt

    try:
        jwt.get_algorithm_by_name("HS256").prepare_key(value)
        is_key = "-----BEGIN" in value
    except jwt.InvalidKeyError:
        is_key = True
    if is_key:
        refuse("AUTH_JWT_SECRET", "must be a random secret, and not a key: public keys go into AUTH_JWT_PUBLIC_KEY")
