"""The tokens that the service checks in the column "with tokens", and the settings with which it does.

They are as long as usual ones: signed with Ed25519, with an issuer and an audience, and with a name and an address.
"""

import functools
import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

# Of each kind of user, in turn: far more than log in at one moment, and few enough that a worker keeps all of them.
COUNT = 200
ISSUER = "https://app.example.com"
KEY_ID = "benchmarks"
# The same in each process, so that one can start the service and another one sign.
KEY = Ed25519PrivateKey.from_private_bytes(b"only-for-benchmarks-0123456789ab")
LIFETIME_SECONDS = 24 * 60 * 60


def settings():
    """The service's variables: a JWK set of one key, and what the tokens are for."""
    key = OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": KEY_ID, "alg": "EdDSA", "use": "sig"}
    return {"AUTH_JWT_PUBLIC_KEY": json.dumps({"keys": [key]}), "AUTH_ISSUER": ISSUER, "AUTH_AUDIENCE": ISSUER}


@functools.cache
def of(user, number=0):
    """A token of this user, another one for each number."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": ISSUER, "iat": now, "exp": now + LIFETIME_SECONDS, "jti": f"{user}-{number}"}
    claims |= {"sub": user, "name": "Ada Example", "email": f"{user}@mail.example.com", "emailVerified": True}
    return jwt.encode(claims, KEY, "EdDSA", headers={"kid": KEY_ID})
