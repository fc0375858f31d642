"""Tokens as an issuer makes them, and tokens that no library makes.

A token is built when a test asks for it, so that its times are those of the test.
"""

import base64
import hmac
import json
import time
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

from tests.conftest import OWNER

ISSUER, AUDIENCE = "https://issuer.test", "tasks"
# In place of the value of a claim or a header: the member is not there at all.
LEFT_OUT = object()
SIGNERS = get_default_algorithms()
KINDS = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
}


class Key:
    """A key pair of an issuer, for one algorithm."""

    def __init__(self, algorithm, kid):
        self.algorithm, self.kid = algorithm, kid
        self.private = KINDS[algorithm]()
        self.public = self.private.public_key()

    @property
    def jwk(self):
        return self.described(self.public)

    @property
    def private_jwk(self):
        return self.described(self.private)

    def described(self, key):
        members = signer(self.algorithm).to_jwk(key, as_dict=True)
        members.pop("key_ops", None)
        return members | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}

    @property
    def pem(self):
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def der(self):
        return self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def signature(self, message, algorithm=None):
        return signer(algorithm or self.algorithm).sign(message, self.private)


def signer(algorithm):
    # PyJWT has one signer for both curves.
    return SIGNERS["EdDSA" if algorithm == "Ed448" else algorithm]


def key(algorithm, kid=None):
    """The key of this id, which by default is the algorithm's name in small letters."""
    return made_key(algorithm, kid or algorithm.lower())


@cache
def made_key(algorithm, kid):
    """Made once a session: a key of RSA takes long."""
    return Key(algorithm, kid)


def claims(**changes):
    now = int(time.time())
    usual = {"sub": OWNER, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 7200}
    return without_left_out(usual | changes)


def header(of, **changes):
    return without_left_out({"alg": of.algorithm, "typ": "JWT", "kid": of.kid} | changes)


def without_left_out(members):
    return {name: value for name, value in members.items() if value is not LEFT_OUT}


def part(value):
    """The base64url of bytes, or of a value's JSON. Python writes NaN, Infinity and lone surrogates too."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims, key, **changes):
    """A token of these claims, or of a payload's bytes. The changes are to its header."""
    return sign_parts(part(header(key, **changes)), part(claims), key)


def sign_parts(header, payload, key, algorithm=None):
    """A token of two parts as they are, whatever they hold, with a signature that is right."""
    signed = f"{header}.{payload}"
    return f"{signed}.{part(key.signature(signed.encode(), algorithm))}"


def sign_with_secret(claims, secret, digest="sha256", **header):
    """A token whose signature is an HMAC."""
    header = without_left_out({"alg": "HS256", "typ": "JWT"} | header)
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), digest))}"


def with_signature(token, signature):
    """The token with another signature, which is bytes."""
    return f"{token.rpartition('.')[0]}.{part(signature)}"


def signature_of(token):
    return decoded(token.rpartition(".")[2])


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
