"""Verifies tokens with PyJWT, as RFC 8725 asks."""

import hashlib
import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.core.signals import setting_changed
from jwt import exceptions

from todo_project.api.user_ids import user_id_problems
from todo_project.authentication.keys import FixedKeys, Keys, KeySource
from todo_project.authentication.remote import RemoteKeys
from todo_project.environment import public_keys
from todo_project.environment.authentication import ALGORITHMS
from todo_project.environment.public_keys import MOST_TRIED, VerificationKey

LEEWAY_SECONDS = 30
SYMMETRIC = "HS256"
YEAR_10000 = 253_402_300_800
TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
# The kinds of JWT that are made for a service like this (RFC 8725, 3.11). A logout token is another, of the same keys.
TYPES = ("", "jwt", "at+jwt", "application/jwt", "application/at+jwt")
TIMES = ("exp", "nbf", "iat")
REASONS: dict[type[Exception], str] = {
    exceptions.ExpiredSignatureError: "expired",
    exceptions.ImmatureSignatureError: "not yet valid",
    exceptions.InvalidAlgorithmError: "algorithm not allowed",
    exceptions.InvalidAudienceError: "wrong audience",
    exceptions.InvalidIssuerError: "wrong issuer",
    exceptions.InvalidSignatureError: "bad signature",
}
# A key that is not here yet may be what such a token wants.
OF_NEW_KEYS = ("algorithm not allowed", "bad signature", "unknown key")
MISSING = {"exp": "no expiry", "iss": "wrong issuer", "aud": "wrong audience"}


class RefusedError(Exception):
    """The token is not valid. The reason is for the log, and says nothing that stands in the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoKeysError(Exception):
    """There are no keys to verify with."""


class Verifier:
    """`subject_of` is the user of a token. `issuers` and `audiences` are checked where there are any."""

    def __init__(
        self, source: KeySource, *, algorithms: list[str], issuers: list[str], audiences: list[str], claim: str
    ) -> None:
        self.source = source
        self.algorithms = algorithms
        self.claim = claim
        self.expected: dict[str, Any] = {
            "issuer": issuers or None,
            "audience": audiences or None,
            "leeway": LEEWAY_SECONDS,
            # PyJWT would refuse each token with an audience where none is expected. The subject may be another claim.
            "options": {"require": ["exp"], "verify_aud": bool(audiences), "verify_sub": False},
        }

    def subject_of(self, token: str) -> str:
        """Raises RefusedError, and NoKeysError. A token that was verified before costs a hash and a look-up."""
        keys = self.source.current()
        digest = hashlib.sha256(token.encode()).digest()
        if keys and (known := keys.verified.get(digest)):
            subject, expiry = known
            if time.time() < expiry:
                return subject
            keys.drop(digest)
        if not TOKEN.fullmatch(token):
            raise RefusedError("malformed")
        if keys is None:
            raise NoKeysError
        try:
            claims = self.claims_of(token, keys)
        except RefusedError as refused:
            if refused.reason not in OF_NEW_KEYS or names_one_of(keys, token) or not self.source.look_again():
                raise
            keys = self.source.current() or keys
            claims = self.claims_of(token, keys)
        subject = self.subject_in(claims)
        keys.keep(digest, subject, claims["exp"])
        return subject

    def claims_of(self, token: str, keys: Keys) -> dict[str, Any]:
        try:
            return self.verified_claims(token, self.fitting(jwt.get_unverified_header(token), keys))
        except exceptions.MissingRequiredClaimError as error:
            raise RefusedError(MISSING.get(error.claim, "malformed")) from None
        except jwt.PyJWTError as error:
            raise RefusedError(REASONS.get(type(error), "malformed")) from None

    def fitting(self, header: Mapping[str, Any], keys: Keys) -> list[VerificationKey]:
        """The keys that the header names and that may verify its algorithm."""
        if str(header.get("typ", "")).lower() not in TYPES:
            raise RefusedError("wrong type")
        # Of JWE: a JWS has no compressed payload. PyJWT would pass over the member.
        if "zip" in header:
            raise RefusedError("malformed")
        if header.get("alg") not in self.algorithms:
            raise RefusedError("algorithm not allowed")
        named = keys.named(header.get("kid"))
        if not named:
            raise RefusedError("unknown key")
        fitting = [key for key in named if header["alg"] in key.algorithms]
        if not fitting:
            raise RefusedError("algorithm not allowed")
        if len(fitting) > MOST_TRIED:
            raise RefusedError("unknown key")
        return fitting

    def verified_claims(self, token: str, keys: list[VerificationKey]) -> dict[str, Any]:
        """PyJWT's decode, with the first key whose signature it is. Its algorithms are the key's, not the token's."""
        for key in keys[:-1]:
            try:
                return self.decode(token, key)
            except exceptions.InvalidSignatureError:
                continue
        return self.decode(token, keys[-1])

    def decode(self, token: str, key: VerificationKey) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(token, key.key, algorithms=list(key.algorithms), **self.expected)
        # PyJWT takes text for a number, and any number for a time.
        times = [claims[name] for name in TIMES if name in claims]
        if any(type(moment) not in (int, float) or not abs(moment) < YEAR_10000 for moment in times):
            raise RefusedError("malformed")
        return claims

    def subject_in(self, claims: Mapping[str, Any]) -> str:
        """The claim that names the user. Some providers put dots into a claim's own name."""
        found: Any = claims.get(self.claim)
        if found is None:
            found = claims
            for name in self.claim.split("."):
                found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, str) or user_id_problems(found):
            raise RefusedError("no subject")
        return found


def names_one_of(keys: Keys, token: str) -> bool:
    """Whether the token's header has the id of one of the keys. A key without an id may be another than it means."""
    kid = jwt.get_unverified_header(token).get("kid")
    return kid is not None and any(key.kid == kid for key in keys.all)


@cache
def verifier() -> Verifier:
    """The verifier of the settings."""
    source: KeySource
    algorithms = settings.AUTH_ALGORITHMS or list(ALGORITHMS)
    if settings.AUTH_JWT_SECRET:
        algorithms = [SYMMETRIC]
        source = FixedKeys([VerificationKey(None, (SYMMETRIC,), settings.AUTH_JWT_SECRET.encode())])
    elif settings.AUTH_JWT_PUBLIC_KEY:
        source = FixedKeys(public_keys.read(settings.AUTH_JWT_PUBLIC_KEY, algorithms))
    else:
        source = RemoteKeys(settings.AUTH_JWKS_URL, algorithms)
    return Verifier(
        source,
        algorithms=algorithms,
        issuers=settings.AUTH_ISSUER,
        audiences=settings.AUTH_AUDIENCE,
        claim=settings.AUTH_USER_CLAIM,
    )


def forget_verifier(*, setting: str, **_: Any) -> None:
    if setting.startswith("AUTH_"):
        verifier.cache_clear()


# Sent by tests, which change settings.
setting_changed.connect(forget_verifier)
