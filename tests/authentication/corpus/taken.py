"""Tokens that look odd and are valid."""

from tests.authentication.corpus.building import headed, json_claims, now, valid, with_payload
from tests.authentication.tokens import AUDIENCE, LEFT_OUT, claims, key, sign

TAKEN = {
    "exp a float": lambda: valid(exp=now() + 900.5),
    "exp within the leeway": lambda: valid(exp=now() - 20),
    "nbf and iat within the leeway": lambda: valid(nbf=now() + 20, iat=now() + 20),
    "nbf and iat floats": lambda: valid(nbf=now() - 0.5, iat=now() - 0.5),
    "aud a list": lambda: valid(aud=["others", AUDIENCE]),
    "iat missing": lambda: valid(iat=LEFT_OUT),
    "kid missing": lambda: headed(kid=LEFT_OUT),
    "typ missing": lambda: headed(typ=LEFT_OUT),
    "typ of an access token": lambda: headed(typ="at+jwt"),
    "typ in small letters": lambda: headed(typ="jwt"),
    "jku under the right key": lambda: headed(jku="http://127.0.0.1:1/keys"),
    "a header with members that nobody knows": lambda: headed(x={"y": [1, None]}),
    "claims that nobody knows": lambda: valid(email="a@b.test", roles=["x"], nested={"sub": "stranger"}),
    "sub twice, the last one ours": lambda: with_payload(b'{"sub": "stranger", ' + json_claims(b'"x": 1')[1:]),
    "ES256": lambda: sign(claims(), key("ES256")),
    "ES384": lambda: sign(claims(), key("ES384")),
    "PS256": lambda: sign(claims(), key("PS256")),
}
