"""Public keys from text: a JWK set, a JWK or PEM (RFC 7517, RFC 7468). PyJWT and cryptography read them.

Start at `read`. The settings check a value with it, and `authentication` reads with it what a URL answers. Without
authentication nothing imports this module, nor PyJWT.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import OKPAlgorithm

from todo_project.environment.authentication import ALGORITHMS, ED25519

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
# A key's id, the key unless it is of no use here, and the algorithms that its `alg` narrows it to.
Described = tuple[str | None, PublicKey | None, tuple[str, ...]]

# RFC 7518, 3.3.
RSA_LOWEST_BITS = 2048
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384"}
# Keys that are tried for a token that does not name one, or whose name several have. Each costs up to 0.8 ms.
MOST_TRIED = 4
# More than any provider has.
MOST_KEYS = 32
PEM = re.compile(r"-----BEGIN (?:RSA )?PUBLIC KEY-----.+?-----END (?:RSA )?PUBLIC KEY-----", re.DOTALL)

with suppress(ValueError):
    # PyJWT 2.15 knows the algorithm by its older name alone.
    jwt.register_algorithm(ED25519[1], OKPAlgorithm())


class NoUsableKeyError(ValueError):
    """A well-formed set without a key that may verify. A provider that has revoked all its keys answers it."""


@dataclass(frozen=True)
class VerificationKey:
    """A public key, with its id and the algorithms that it may verify."""

    kid: str | None
    algorithms: tuple[str, ...]
    # A shared secret is bytes.
    key: PublicKey | bytes


def read(text: str, algorithms: Sequence[str]) -> list[VerificationKey]:
    """The keys for the algorithms, or for all that are supported. Keys of other types and uses are left out.

    Raises ValueError, with the rest of a sentence, for a private key and other text, and NoUsableKeyError.
    """
    allowed, text = algorithms or ALGORITHMS, text.strip()
    # A JWK may hold PEM, as a certificate.
    found = pems(text) if "-----BEGIN" in text and not text.startswith("{") else jwks(text)
    keys = [VerificationKey(kid, fitting(key, allowed, alone), key) for kid, key, alone in found if key]
    usable = [key for key in keys if key.algorithms]
    if not usable:
        raise NoUsableKeyError(f"holds no public key for {', '.join(allowed)}")
    if sum(key.kid is None for key in usable) > MOST_TRIED:
        raise ValueError(f"holds more than {MOST_TRIED} keys without a kid: name them in a JWK set")
    return usable[:MOST_KEYS]


def pems(text: str) -> Iterator[Described]:
    if "PRIVATE KEY" in text:
        raise ValueError("holds a private key: give the public one alone")
    for pem in PEM.findall(text):
        with suppress(ValueError, UnsupportedAlgorithm):
            key = load_pem_public_key(pem.encode())
            yield None, key if isinstance(key, PublicKey) else None, ()


def jwks(text: str) -> Iterator[Described]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("is neither JSON nor PEM") from None
    members = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise ValueError("is neither a JWK nor a JWK set")
    for jwk in members:
        if isinstance(jwk, dict) and may_verify(jwk):
            kid, alg = jwk.get("kid"), jwk.get("alg")
            alone = ED25519 if alg in ED25519 else (alg,) if alg else ()
            yield kid if isinstance(kid, str) else None, public_key(jwk), alone


def may_verify(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def public_key(jwk: dict[str, Any]) -> PublicKey | None:
    """None for a symmetric key, a private one and an unknown type."""
    # By its `alg` PyJWT would not find Ed25519, and refuse the key.
    described = {name: value for name, value in jwk.items() if name != "alg"}
    # Of a member that is missing or of another type, PyJWT lets Python's own errors through.
    with suppress(jwt.PyJWTError, UnsupportedAlgorithm, LookupError, ValueError, TypeError, AttributeError):
        key = jwt.PyJWK(described).key
        return key if isinstance(key, PublicKey) else None
    return None


def fitting(key: PublicKey, allowed: Sequence[str], alone: tuple[str, ...]) -> tuple[str, ...]:
    names: tuple[str, ...]
    if isinstance(key, Ed25519PublicKey):
        names = ED25519
    elif isinstance(key, EllipticCurvePublicKey):
        names = (CURVES.get(key.curve.name, ""),)
    else:
        names = ("RS256", "PS256") if key.key_size >= RSA_LOWEST_BITS else ()
    return tuple(name for name in names if name in allowed and (not alone or name in alone))
